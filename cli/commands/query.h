// What commands that ask the daemon one question have in common.
#pragma once

#include "cli/daemon/reach.h"
#include "cli/options.h"
#include "cli/output/print.h"
#include "cli/session.h"

namespace cbs::cli {

// Reaches the daemon, calls it, and gives the answer to `show`, which gives the exit code. `call` makes a request's
// promise from an Agent client.
template <typename Call, typename Show>
int query(const CommonOptions& options, Call call, Show show) {
  auto reached = reachDaemon(options.place());
  if (!reached) return reportFailure(reached.error(), "", options.json());
  Session session(kj::mv(reached->socket));
  auto answer = session.ask(call(session.agent()));
  if (!answer) return reportFailure(answer.error(), "", options.json());
  return show(*answer);
}

}  // namespace cbs::cli
