// The methods of schema::Agent that are about jobs.
#include "agentd/rpc/admission.h"
#include "agentd/rpc/agent_server.h"
#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/job_report.h"
#include "agentd/rpc/job_request.h"
#include "agentd/rpc/job_trail.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

// How long a caller's question may stay open (schema/agent.capnp).
constexpr uint64_t kLongestWaitMs = 60'000;

kj::Duration waitOf(uint64_t milliseconds) {
  return static_cast<int64_t>(std::min(milliseconds, kLongestWaitMs)) * kj::MILLISECONDS;
}

Error notYourJob(const std::string& id) {
  return Error{ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, "job " + id + " is another user's"}
      .with("refused", "call")
      .with("job", id);
}

schema::Cancelled::What whatOf(queue::CancelResult result) {
  switch (result) {
    case queue::CancelResult::REMOVED:
      return schema::Cancelled::What::REMOVED;
    case queue::CancelResult::SIGNALLED:
      return schema::Cancelled::What::SIGNALLED;
    case queue::CancelResult::HAD_ENDED:
      break;
  }
  return schema::Cancelled::What::HAD_ENDED;
}

}  // namespace

kj::Promise<void> AgentServer::submit(SubmitContext context) { return submitJob(kj::mv(context)); }

Task<void> AgentServer::submitJob(SubmitContext context) {
  auto request = context.getParams().getRequest();
  std::string target = request.getExec().getTarget().cStr();
  auto added = co_await takeJob(request);
  if (!added && added.error().reason == Reason::DRAINING && services_.succession.begun()) {
    co_return co_await submitToSuccessor(context);
  }
  tellSubmission(added, request, target);
  auto results = context.getResults();
  if (!added) co_return cbs::encode(added.error(), results.initError());
  results.setId(added->id.c_str());
  results.setExisting(added->existing);
}

void AgentServer::tellSubmission(const Expected<queue::Added>& added, schema::JobRequest::Reader request,
                                 const std::string& target) {
  if (!added) return logJobRefused(services_.audit, added.error(), caller_, target);
  logJobSubmitted(*added, caller_, target);
  std::ignore = noteJob("submitted", request, target, added->id);
}

// Before it is taken, and again with its id.
Task<Expected<void>> AgentServer::noteJob(std::string event, schema::JobRequest::Reader request, std::string target,
                                          std::string id) {
  if (!services_.audit.on()) co_return {};
  auto fields = AuditLog::fieldsOf({{"id", id}, {"kind", "job"}, {"target", target}});
  fields += "," + auditFields(request.getExec());
  if (!id.empty()) {
    services_.audit.add(kj::mv(event), caller_, kj::mv(fields));
    co_return {};
  }
  co_return co_await services_.audit.note(kj::mv(event), caller_, kj::mv(fields));
}

// A job that came before the succession began, and was not taken before.
Task<void> AgentServer::submitToSuccessor(SubmitContext context) {
  auto params = context.getParams();
  auto request = successor().submitRequest(params.totalSize());
  request.setRequest(params.getRequest());
  auto answer = co_await request.send();
  context.setResults(answer);
}

// Without anybody to ask: a job runs when they may have gone.
identity::CallerContext AgentServer::jobContext(schema::JobRequest::Reader request) const {
  auto context = contextOf(request.getExec().getCaller(), caller_.user);
  context.asker = {};
  return context;
}

// The target is looked up at once, so that one which makes no sense is told to whoever can mend it.
Task<Expected<AgentServer::PreparedJob>> AgentServer::prepareJob(schema::JobRequest::Reader request, JobNames names,
                                                                 identity::CallerContext caller) {
  auto job = jobOf(request, kj::mv(names), queue::timeOfDayMs(kj::systemPreciseCalendarClock()));
  if (!job) co_return fail(kj::mv(job.error()));
  auto ssh = sshOptionsOf(request.getExec(), caller_.user);
  if (!ssh) co_return fail(kj::mv(ssh.error()));
  caller.ssh = kj::mv(*ssh);
  auto host = co_await services_.resolver.resolve(job->target, caller);
  if (!host) co_return fail(kj::mv(host.error()));
  auto noted = co_await noteJob("submit", request, job->target, "");
  if (!noted) co_return fail(kj::mv(noted.error()));
  job->host = hostKeyOf((*host)->host());
  job->user = caller_.user;
  job->caller = caller_.key;
  auto assignment = assignmentOf(request.getExec(), job->target, **host, caller);
  co_return PreparedJob{kj::mv(*job), kj::mv(assignment)};
}

Task<Expected<queue::Added>> AgentServer::takeJob(schema::JobRequest::Reader request) {
  auto prepared = co_await prepareJob(request, JobNames::of(request), jobContext(request));
  if (!prepared) co_return fail(kj::mv(prepared.error()));
  co_return co_await services_.jobs.submit(kj::mv(prepared->job), kj::mv(prepared->assignment));
}

kj::Promise<void> AgentServer::jobs(JobsContext context) { return listJobs(kj::mv(context)); }

Task<void> AgentServer::listJobs(JobsContext context) {
  auto query = queryOf(context.getParams().getFilter());
  if (!query) co_return cbs::encode(query.error(), context.getResults().initError());
  size_t limit = query->limit++;
  auto jobs = co_await services_.jobs.list(kj::mv(*query));
  auto results = context.getResults();
  if (!jobs) co_return cbs::encode(jobs.error(), results.initError());
  size_t found = jobs->size();
  jobs->resize(std::min(found, limit));
  results.setMore(cutToAnswer(*jobs) < found);
  encodePage(*jobs, results.initJobs(static_cast<unsigned>(jobs->size())));
}

kj::Promise<void> AgentServer::awaitJobs(AwaitJobsContext context) { return waitForJobs(kj::mv(context)); }

Task<void> AgentServer::waitForJobs(AwaitJobsContext context) {
  auto params = context.getParams();
  auto results = context.getResults();
  auto jobs = jobsOf(params.getJobs());
  if (!jobs) co_return cbs::encode(jobs.error(), results.initError());
  auto awaited = co_await services_.jobs.await(kj::mv(*jobs), params.getAny(), waitOf(params.getWaitMs()));
  if (!awaited) co_return cbs::encode(awaited.error(), results.initError());
  results.setDone(awaited->done);
  encode(awaited->jobs, results.initJobs(static_cast<unsigned>(awaited->jobs.size())));
}

// The jobs that a caller may look into and end: for owners all, for others those of their own user. A name is settled
// here, as it may come to mean another user's job.
Task<Expected<std::vector<std::string>>> AgentServer::ownJobs(std::vector<std::string> jobs) {
  if (isTrusted(caller_.user)) co_return jobs;
  auto found = co_await services_.jobs.await(jobs, true, 0 * kj::SECONDS);
  if (!found) co_return fail(kj::mv(found.error()));
  std::vector<std::string> ids;
  for (const auto& job : found->jobs) {
    if (job.user != caller_.user) co_return fail(notYourJob(job.id));
    ids.push_back(job.id);
  }
  co_return ids;
}

kj::Promise<void> AgentServer::readLog(ReadLogContext context) { return readJobLog(kj::mv(context)); }

Task<void> AgentServer::readJobLog(ReadLogContext context) {
  auto params = context.getParams();
  auto results = context.getResults();
  auto job = co_await ownJobs({params.getJob().cStr()});
  if (!job) co_return cbs::encode(job.error(), results.initError());
  auto part = co_await services_.jobs.readLog(job->front(), params.getAttempt(), params.getOffset(),
                                              waitOf(params.getWaitMs()));
  if (!part) co_return cbs::encode(part.error(), results.initError());
  encode(*part, results.initLog());
}

kj::Promise<void> AgentServer::cancelJobs(CancelJobsContext context) { return cancelThem(kj::mv(context)); }

Task<void> AgentServer::cancelThem(CancelJobsContext context) {
  auto results = context.getResults();
  auto jobs = jobsOf(context.getParams().getJobs());
  if (!jobs) co_return cbs::encode(jobs.error(), results.initError());
  jobs = co_await ownJobs(kj::mv(*jobs));
  if (!jobs) co_return cbs::encode(jobs.error(), results.initError());
  for (const auto& job : *jobs) noteControl("cancel", "", job);
  auto cancelled = co_await services_.jobs.cancel(kj::mv(*jobs));
  if (!cancelled) co_return cbs::encode(cancelled.error(), results.initError());
  auto list = results.initResults(static_cast<unsigned>(cancelled->size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setId((*cancelled)[i].first.c_str());
    list[i].setWhat(whatOf((*cancelled)[i].second));
  }
}

}  // namespace cbs::rpc
