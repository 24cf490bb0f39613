#include "agentd/rpc/job_trail.h"

#include "agentd/queue/encoded.h"
#include "agentd/telemetry/log.h"

namespace cbs::rpc {
namespace {

const telemetry::Log kJobLog(telemetry::Category::JOBS);

}  // namespace

void logJobSubmitted(const queue::Added& added, const Caller& caller, std::string_view target) {
  kJobLog.info("submitted", {{"id", added.id},
                             {"target", target},
                             {"caller", caller.key},
                             {"uid", caller.user},
                             {"pid", caller.pid},
                             {"existing", added.existing}});
}

void logJobRefused(AuditLog& audit, const Error& why, const Caller& caller, std::string_view target) {
  audit.add("refused", caller,
            AuditLog::fieldsOf({{"kind", "job"},
                                {"target", target},
                                {"error", nameOf(why.kind)},
                                {"reason", nameOf(why.reason)},
                                {"detail", why.detail}}));
  kJobLog.info("refused", {{"target", target},
                           {"caller", caller.key},
                           {"uid", caller.user},
                           {"pid", caller.pid},
                           {"error", nameOf(why.kind)},
                           {"reason", nameOf(why.reason)},
                           {"detail", why.detail}});
}

void logJobEnded(const queue::Ending& ending) {
  if (ending.outcome.empty()) return;
  queue::Decoded<schema::Outcome> outcome(ending.outcome);
  auto state = outcome.get().getState();
  Error why = decode(outcome.get().getError());
  const bool failed = why.kind != ErrorKind::NONE;
  std::vector<telemetry::Field> fields = {{"id", ending.id}, {"attempts", ending.attempts}};
  if (state.isExited()) fields.emplace_back("status", state.getExited());
  if (state.isSignalled()) fields.emplace_back("signal", state.getSignalled().getName().cStr());
  if (state.isNotSent()) fields.emplace_back("outcome", "notSent");
  if (state.isUnknown()) fields.emplace_back("outcome", "unknown");
  if (failed) {
    fields.emplace_back("error", nameOf(why.kind));
    fields.emplace_back("reason", nameOf(why.reason));
    fields.emplace_back("detail", why.detail);
  }
  kJobLog.write(LogLevel::INFO, "ended", fields);
}

}  // namespace cbs::rpc
