#include "agentd/app/heir.h"

#include "agentd/app/daemon.h"
#include "common/not_allowed.h"

namespace cbs::app {

class Heir::Server final : public schema::Successor::Server {
 public:
  Server(Daemon& daemon, kj::Own<kj::PromiseFulfiller<Taken>> taken) : daemon_(daemon), taken_(kj::mv(taken)) {}

  kj::Promise<void> prepare(PrepareContext context) override {
    auto params = context.getParams();
    context.getResults().setVersion(schema::HANDOVER_VERSION);
    if (params.getVersion() != schema::HANDOVER_VERSION) return kj::READY_NOW;
    ownsSocket_ = params.getOwnsSocket();
    daemon_.follow(params.getPredecessor());
    return kj::READY_NOW;
  }

  kj::Promise<void> takeOver(TakeOverContext context) override {
    auto params = context.getParams();
    std::vector<queue::RunningJob> jobs;
    std::vector<std::string> ids;
    for (auto job : params.getJobs()) {
      jobs.push_back(decode(job));
      ids.push_back(jobs.back().id);
    }
    auto results = context.getResults();
    auto outputs = daemon_.adoptJobs(kj::mv(jobs));
    if (!outputs && params.getHasJournal()) {
      cbs::encode(outputs.error(), results.initError());
      return kj::READY_NOW;
    }
    auto list = results.initOutputs(static_cast<unsigned>(ids.size()));
    for (unsigned i = 0; outputs && i < list.size(); ++i) {
      auto output = outputs->find(ids[i]);
      if (output != outputs->end()) list.set(i, kj::mv(output->second));
    }
    taken_->fulfill(Taken{ownsSocket_});
    return kj::READY_NOW;
  }

  kj::Promise<void> agent(AgentContext context) override {
    auto params = context.getParams();
    rpc::Caller caller{params.getUser(), params.getKey().cStr(), static_cast<pid_t>(params.getPid())};
    for (auto group : params.getGroups()) caller.groups.push_back(group);
    return daemon_.whenAccessKnown().then([this, caller = kj::mv(caller), context]() mutable -> kj::Promise<void> {
      auto agent = daemon_.agentFor(caller);
      if (!agent) return notAllowed("you may not use this daemon any more");
      context.getResults().setAgent(kj::mv(*agent));
      return kj::READY_NOW;
    });
  }

 private:
  Daemon& daemon_;
  kj::Own<kj::PromiseFulfiller<Taken>> taken_;
  bool ownsSocket_ = false;
};

Heir::Heir(Loop loop, kj::AutoCloseFd link, Daemon& daemon)
    : link_(loop, kj::mv(link), capnp::rpc::twoparty::Side::SERVER, kj::heap<Server>(daemon, kj::mv(taken_.fulfiller))),
      watch_(link_.whenBroken().then([&daemon]() { daemon.followNobody(); }).eagerlyEvaluate(nullptr)) {}

kj::Promise<Heir::Taken> Heir::whenTaken() {
  auto broken = link_.whenBroken().then([]() -> Taken {
    kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "the daemon that was to be replaced has gone"));
  });
  return taken_.promise.exclusiveJoin(kj::mv(broken));
}

}  // namespace cbs::app
