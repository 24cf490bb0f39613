#include "cli/jobs/job_session.h"

#include "cli/daemon/reach.h"
#include "common/offload.h"

namespace cbs::cli {
namespace {

// On a thread, as a daemon's start takes a while, and a signal is to be heard meanwhile.
LastingConnection::Connect reachAgain(Loop loop, DaemonPlace place) {
  return [loop, place = std::move(place)]() -> kj::Promise<Expected<kj::AutoCloseFd>> {
    return offloadFor<Expected<kj::AutoCloseFd>>(loop, [place]() -> Expected<kj::AutoCloseFd> {
      auto reached = reachDaemon(place);
      if (!reached) return fail(std::move(reached.error()));
      return kj::mv(reached->socket);
    });
  };
}

}  // namespace

JobSession::JobSession(kj::AutoCloseFd socket, const DaemonPlace& place)
    : connection_(loop(), kj::mv(socket), reachAgain(loop(), place)) {}

}  // namespace cbs::cli
