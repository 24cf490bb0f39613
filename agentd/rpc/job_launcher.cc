#include "agentd/rpc/job_launcher.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/engine_exec.h"
#include "agentd/rpc/output_relay.h"
#include "agentd/rpc/until_told.h"

#include <capnp/message.h>

namespace cbs::rpc {
namespace {

Trail::Subject subjectOf(const queue::Launcher::Work& work, bool audited) {
  return {.id = work.id,
          .kind = WorkKind::JOB,
          .caller = {work.user, work.caller},
          .target = work.request.getTarget().cStr(),
          .details = audited ? auditFields(work.request) : "",
          .firstWord = firstWordOf(work.request.getSpec())};
}

}  // namespace

// An attempt that comes to nothing here, told as those are that do in the engine.
tl::unexpected<Error> JobLauncher::refused(Trail& trail, Error why) {
  log_.commandEnded(Fate::NOT_SENT);
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  encode(why, outcome.initError());
  trail.end(outcome);
  return fail(kj::mv(why));
}

// Further attempts are the keeper's: they take no lane while they wait.
Task<Expected<queue::Launcher::Launched>> JobLauncher::launch(Work work, schema::OutputSink::Client output) {
  log_.gotLane(work.queued);
  Destination destination{.caller = std::to_string(work.user), .context = contextOf(work.context, work.user)};
  auto ssh = sshOptionsOf(work.request, work.user);
  if (ssh) destination.context.ssh = kj::mv(*ssh);
  auto host = co_await resolver_.resolve(work.request.getTarget().cStr(), destination.context);
  if (!host) {
    log_.commandEnded(Fate::NOT_SENT);
    co_return fail(kj::mv(host.error()));
  }
  destination.host = kj::mv(*host);
  auto trail = std::make_shared<Trail>(audit_, subjectOf(work, audit_.on()));
  auto begun = co_await trail->begin(destination.host->host());
  if (!begun) co_return refused(*trail, kj::mv(begun.error()));
  auto request = engine_.execRequest(work.request.totalSize());
  request.setSpec(work.request.getSpec());
  request.getSpec().setTimeoutMs(work.timeoutMs);
  request.setConnectTimeoutMs(work.request.getConnectTimeoutMs());
  request.setIdempotent(work.request.getIdempotent());
  request.setAnnounceStart(true);
  request.setId(trail->id().c_str());
  addressExec(request, destination);
  auto told = kj::newPromiseAndFulfiller<void>();
  request.setOutput(
      kj::heap<OutputRelay>(kj::mv(output), work.queued, work.timeoutMs, log_, trail, kj::mv(told.fulfiller)));
  trail->handedOver();
  auto running = request.send();
  auto command = running.getCommand();
  co_return Launched{kj::mv(command), untilTold(kj::mv(running), kj::mv(told.promise))};
}

}  // namespace cbs::rpc
