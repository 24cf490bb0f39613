// A daemon that answers about jobs as the test says, over as many connections as are made to it.
#pragma once

#include "tests/unit/cli/fake_agent.h"

#include <kj/timer.h>

#include <deque>

namespace cbs::cli {

// What is answered. A method that is not given is one that the daemon does not have.
struct JobScript {
  using Agent = schema::Agent;
  template <typename Params, typename Results>
  using Answer = std::function<kj::Promise<void>(typename Params::Reader, typename Results::Builder)>;

  Answer<Agent::SubmitParams, Agent::SubmitResults> submit;
  Answer<Agent::SubmitAllParams, Agent::SubmitAllResults> submitAll;
  Answer<Agent::JobsParams, Agent::JobsResults> jobs;
  Answer<Agent::AwaitJobsParams, Agent::AwaitJobsResults> awaitJobs;
  Answer<Agent::ReadLogParams, Agent::ReadLogResults> readLog;
  Answer<Agent::CancelJobsParams, Agent::CancelJobsResults> cancelJobs;
  Answer<Agent::TransferParams, Agent::TransferResults> transfer;
  Answer<Agent::ListParams, Agent::ListResults> list;
};

class FakeJobs final : public schema::Agent::Server {
 public:
  explicit FakeJobs(JobScript& script) : script_(script) {}
  kj::Promise<void> submit(SubmitContext context) override { return answer(script_.submit, context); }
  kj::Promise<void> submitAll(SubmitAllContext context) override { return answer(script_.submitAll, context); }
  kj::Promise<void> jobs(JobsContext context) override { return answer(script_.jobs, context); }
  kj::Promise<void> awaitJobs(AwaitJobsContext context) override { return answer(script_.awaitJobs, context); }
  kj::Promise<void> readLog(ReadLogContext context) override { return answer(script_.readLog, context); }
  kj::Promise<void> cancelJobs(CancelJobsContext context) override { return answer(script_.cancelJobs, context); }
  kj::Promise<void> transfer(TransferContext context) override { return answer(script_.transfer, context); }
  kj::Promise<void> list(ListContext context) override { return answer(script_.list, context); }

 private:
  template <typename Function, typename Context>
  kj::Promise<void> answer(Function& function, Context& context) {
    if (!function) KJ_UNIMPLEMENTED("not in the script");
    return function(context.getParams(), context.getResults());
  }

  JobScript& script_;
};

// The connections of such a daemon.
class FakeConnections {
 public:
  FakeConnections(kj::LowLevelAsyncIoProvider& io, JobScript& script) : io_(io), script_(script) {}

  void serve(kj::AutoCloseFd socket, bool refuses = false) {
    auto stream = io_.wrapUnixSocketFd(kj::mv(socket));
    auto door = kj::heap<FakeDoor>(kj::heap<FakeJobs>(script_), refuses);
    auto server = kj::heap<capnp::TwoPartyClient>(*stream, 1, kj::mv(door), capnp::rpc::twoparty::Side::SERVER);
    connections_.push_back({kj::mv(stream), kj::mv(server)});
  }
  // Ends all of them. Not to be called from an answer.
  void drop() { connections_.clear(); }

 private:
  struct Connection {
    kj::Own<kj::AsyncCapabilityStream> stream;
    kj::Own<capnp::TwoPartyClient> server;
  };
  kj::LowLevelAsyncIoProvider& io_;
  JobScript& script_;
  std::vector<Connection> connections_;
};

// The daemon in the test's own event loop, whose clock stands still until the test turns it.
struct FakeJobDaemon {
  FakeJobDaemon() = default;
  Loop loop() { return {io.unixEventPort, timer, *io.lowLevelProvider}; }

  kj::AutoCloseFd connect() {
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    connections.serve(kj::AutoCloseFd(ends[0]), refuses);
    return kj::AutoCloseFd(ends[1]);
  }
  // What a LastingConnection connects with: fails while `away` says so, a connection for each of its numbers.
  kj::Promise<Expected<kj::AutoCloseFd>> reconnect() {
    ++connects;
    if (away > 0) return Expected<kj::AutoCloseFd>(fail(ErrorKind::AGENT_UNREACHABLE, whyAway, ""));
    return Expected<kj::AutoCloseFd>(connect());
  }
  void turnClock(kj::Duration by) { timer.advanceTo(timer.now() + by); }
  // Lets happen what can, in `promise` and beside it.
  template <typename T>
  bool settle(kj::Promise<T>& promise) {
    for (int i = 0; i < 10 && !promise.poll(io.waitScope); ++i) kj::evalLast([]() {}).wait(io.waitScope);
    return promise.poll(io.waitScope);
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  JobScript script;
  FakeConnections connections{*io.lowLevelProvider, script};
  bool refuses = false;
  unsigned connects = 0;
  unsigned away = 0;
  Reason whyAway = Reason::NOT_RUNNING;
};

// A job for an answer: `id`, its target, and how it ended.
inline void describeEnded(schema::JobInfo::Builder to, const std::string& id, int exitCode, uint64_t endedMs = 1000) {
  to.setId(id.c_str());
  to.setTarget("web1");
  to.setCommand("true");
  to.setState(schema::JobState::ENDED);
  to.setEndedMs(endedMs);
  to.initOutcome().getState().setExited(exitCode);
}

}  // namespace cbs::cli
