#include "cli/call_failure.h"

#include "common/not_allowed.h"
#include "common/version.h"

#include <kj/debug.h>

namespace cbs::cli {

Error callFailure(const Expected<DaemonInfo>& greeting, const kj::Exception& exception) {
  // A hello that was cut off with the connection has only the system's words for it.
  bool cutOff = exception.getType() == kj::Exception::Type::DISCONNECTED;
  bool isRefusal = !greeting && greeting.error().reason != Reason::UNSPECIFIED;
  if (!greeting && (isRefusal || !cutOff)) return greeting.error();
  if (auto refused = asNotAllowed(exception)) return *refused;
  if (auto refused = asBadRequest(exception)) return *refused;
  switch (exception.getType()) {
    case kj::Exception::Type::DISCONNECTED:
      return {ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it ended the connection"};
    case kj::Exception::Type::UNIMPLEMENTED:  // a daemon from before the call was there
      return Error{ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, exception.getDescription().cStr()}
          .with("daemonVersion", greeting->version)
          .with("clientVersion", kVersion)
          .with("pid", std::to_string(greeting->pid));
    default:
      return {ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
  }
}

Task<Error> whyNoEnd(AgentClient& client, kj::Promise<void> accepted) {
  auto greeting = co_await client.greeting();
  // Whether the connection has ended shows in the call by now; if it has not, nothing is to come.
  auto nothing = []() -> kj::Promise<void> { return KJ_EXCEPTION(FAILED, "no hello"); };
  if (!greeting) accepted = accepted.exclusiveJoin(kj::evalLast(kj::mv(nothing)));
  kj::Maybe<kj::Exception> why = KJ_EXCEPTION(DISCONNECTED, "the daemon has ended");
  try {
    co_await accepted;
    co_await client.onDisconnect();
  } catch (const kj::Exception& exception) {
    why = kj::cp(exception);
  }
  co_return callFailure(greeting, KJ_ASSERT_NONNULL(why));
}

}  // namespace cbs::cli
