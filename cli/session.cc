#include "cli/session.h"

#include "cli/call_failure.h"
#include "common/duration.h"
#include "common/version.h"

namespace cbs::cli {

Session::Session(kj::AutoCloseFd socket) : io_(kj::setupAsyncIo()), client_(loop(), kj::mv(socket), kVersion) {}

kj::Promise<Error> Session::whyFailed(kj::Exception exception) {
  return client_.greeting().then(
      [exception = kj::mv(exception)](Expected<DaemonInfo>&& greeting) { return callFailure(greeting, exception); });
}

Error Session::noAnswer(kj::Duration limit) {
  return {ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it did not answer for " + durationText(limit)};
}

}  // namespace cbs::cli
