// Serves schema::Agent to one caller.
#pragma once

#include "agentd/rpc/caller.h"
#include "agentd/rpc/job_request.h"
#include "agentd/rpc/services.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

class AgentServer final : public schema::Agent::Server {
 public:
  // `services` outlive it.
  AgentServer(Services& services, Caller caller) : services_(services), caller_(kj::mv(caller)) {}

  DispatchCallResult dispatchCall(uint64_t interfaceId, uint16_t methodId,
                                  capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override;

  kj::Promise<void> exec(ExecContext context) override;
  kj::Promise<void> transfer(TransferContext context) override;
  kj::Promise<void> list(ListContext context) override;
  kj::Promise<void> fanOut(FanOutContext context) override;
  kj::Promise<void> stats(StatsContext context) override;
  kj::Promise<void> connections(ConnectionsContext context) override;
  kj::Promise<void> health(HealthContext context) override;
  kj::Promise<void> details(DetailsContext context) override;
  kj::Promise<void> hosts(HostsContext context) override;
  kj::Promise<void> stop(StopContext context) override;
  kj::Promise<void> explain(ExplainContext context) override;
  kj::Promise<void> disconnect(DisconnectContext context) override;
  kj::Promise<void> resetBreaker(ResetBreakerContext context) override;
  kj::Promise<void> drain(DrainContext context) override;
  kj::Promise<void> reload(ReloadContext context) override;
  kj::Promise<void> submit(SubmitContext context) override;
  kj::Promise<void> submitAll(SubmitAllContext context) override;
  kj::Promise<void> jobs(JobsContext context) override;
  kj::Promise<void> awaitJobs(AwaitJobsContext context) override;
  kj::Promise<void> readLog(ReadLogContext context) override;
  kj::Promise<void> cancelJobs(CancelJobsContext context) override;
  kj::Promise<void> replace(ReplaceContext context) override;

 private:
  using AnyContext = capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer>;

  schema::Agent::Client successor();
  kj::Promise<void> passOn(uint64_t interfaceId, uint16_t methodId, AnyContext context);
  Task<void> submitToSuccessor(SubmitContext context);
  Task<void> replaceDaemon(ReplaceContext context);
  Task<void> fillStats(StatsContext context);
  Task<void> fillConnections(ConnectionsContext context);
  Task<void> fillHealth(HealthContext context);
  Task<void> fillDetails(DetailsContext context);
  Task<void> fillHosts(HostsContext context);
  Task<void> fillExplanation(ExplainContext context);
  template <typename Params>
  Task<Expected<std::string>> poolKeyOf(Params params);
  Task<void> disconnectHosts(DisconnectContext context);
  Task<void> resetBreakers(ResetBreakerContext context);
  // A job that nothing speaks against, so far.
  struct PreparedJob {
    queue::Job job;
    queue::Assignment assignment;
  };
  Task<Expected<void>> noteJob(std::string event, schema::JobRequest::Reader request, std::string target,
                               std::string id);
  Task<void> submitJob(SubmitContext context);
  Task<void> submitJobs(SubmitAllContext context);
  Task<std::vector<Expected<queue::Added>>> takeJobs(schema::JobRequest::Reader request,
                                                     std::vector<std::string> targets);
  Task<Expected<PreparedJob>> prepareJob(schema::JobRequest::Reader request, JobNames names,
                                         identity::CallerContext caller);
  identity::CallerContext jobContext(schema::JobRequest::Reader request) const;
  Task<Expected<queue::Added>> takeJob(schema::JobRequest::Reader request);
  void tellSubmission(const Expected<queue::Added>& added, schema::JobRequest::Reader request,
                      const std::string& target);
  Task<void> submitRestToSuccessor(SubmitAllContext context, std::vector<unsigned> rest);
  Task<Expected<std::vector<std::string>>> ownJobs(std::vector<std::string> jobs);
  Task<void> listJobs(JobsContext context);
  Task<void> waitForJobs(AwaitJobsContext context);
  Task<void> readJobLog(ReadLogContext context);
  Task<void> cancelThem(CancelJobsContext context);

  // Puts on record what somebody does to the daemon itself. It is done in any case.
  void noteControl(const char* action, std::string_view target = "", std::string_view value = "");

  Services& services_;
  Caller caller_;
  kj::Maybe<schema::Agent::Client> successor_;
};

}  // namespace cbs::rpc
