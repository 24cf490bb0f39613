#include "agentd/rpc/job_launcher.h"

#include "agentd/rpc/engine_exec.h"
#include "agentd/rpc/output_relay.h"
#include "agentd/rpc/until_told.h"

namespace cbs::rpc {

// Further attempts are the keeper's: they take no lane while they wait.
Task<Expected<queue::Launcher::Launched>> JobLauncher::launch(Work work, schema::OutputSink::Client output) {
  Destination destination{.caller = std::to_string(work.user), .context = contextOf(work.context)};
  auto host = co_await resolver_.resolve(work.request.getTarget().cStr(), destination.context);
  if (!host) co_return fail(kj::mv(host.error()));
  destination.host = kj::mv(*host);
  auto request = engine_.execRequest(work.request.totalSize());
  request.setSpec(work.request.getSpec());
  request.getSpec().setTimeoutMs(work.timeoutMs);
  request.setConnectTimeoutMs(work.request.getConnectTimeoutMs());
  request.setIdempotent(work.request.getIdempotent());
  request.setAnnounceStart(true);
  addressExec(request, destination);
  auto told = kj::newPromiseAndFulfiller<void>();
  request.setOutput(kj::heap<OutputRelay>(kj::mv(output), work.queued, work.timeoutMs, log_, kj::mv(told.fulfiller)));
  auto running = request.send();
  auto command = running.getCommand();
  co_return Launched{kj::mv(command), untilTold(kj::mv(running), kj::mv(told.promise))};
}

}  // namespace cbs::rpc
