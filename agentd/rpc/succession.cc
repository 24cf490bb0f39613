#include "agentd/rpc/succession.h"

namespace cbs::rpc {

kj::ForkedPromise<void> Succession::fresh(kj::Own<kj::PromiseFulfiller<void>>& fulfiller) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  fulfiller = kj::mv(pair.fulfiller);
  return pair.promise.fork();
}

void Succession::begin() {
  begun_ = true;
  decision_ = fresh(decide_);
  begin_->fulfill();
}

void Succession::settle(AgentFor agentFor) {
  agentFor_ = kj::mv(agentFor);
  decide_->fulfill();
}

void Succession::abandon() {
  begun_ = false;
  beginning_ = fresh(begin_);
  decide_->fulfill();
}

schema::Agent::Client Succession::agentFor(const Caller& caller, schema::Agent::Client self) {
  return decision_.addBranch().then([this, caller, self = kj::mv(self)]() mutable -> schema::Agent::Client {
    KJ_IF_MAYBE (agentFor, agentFor_) {
      return (*agentFor)(caller);
    }
    return kj::mv(self);
  });
}

}  // namespace cbs::rpc
