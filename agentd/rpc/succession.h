// Who answers for the daemon once another one takes its place.
#pragma once

#include "agentd/rpc/caller.h"
#include "schema/agent.capnp.h"

#include <kj/async.h>
#include <kj/function.h>

namespace cbs::rpc {

// From begin() on, all but commands, transfers and listings is asked of the successor; what is asked before settle() or
// abandon() waits for the one or the other. Outlives its callers.
class Succession {
 public:
  using AgentFor = kj::Function<schema::Agent::Client(const Caller& caller)>;

  bool begun() const { return begun_; }
  bool settled() const { return agentFor_ != nullptr; }
  kj::Promise<void> whenBegun() { return beginning_.addBranch(); }

  void begin();
  void settle(AgentFor agentFor);
  // The daemon goes on itself.
  void abandon();

  // Whom to ask for `caller`; `self` if it comes to nothing.
  schema::Agent::Client agentFor(const Caller& caller, schema::Agent::Client self);

 private:
  // Stands for a promise that `fulfiller` fulfils.
  static kj::ForkedPromise<void> fresh(kj::Own<kj::PromiseFulfiller<void>>& fulfiller);

  bool begun_ = false;
  kj::Maybe<AgentFor> agentFor_;
  kj::Own<kj::PromiseFulfiller<void>> begin_;
  kj::Own<kj::PromiseFulfiller<void>> decide_;
  kj::ForkedPromise<void> beginning_ = fresh(begin_);
  kj::ForkedPromise<void> decision_ = fresh(decide_);
};

}  // namespace cbs::rpc
