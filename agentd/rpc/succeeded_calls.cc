// What a daemon that has a successor does with the calls of its callers.
#include "agentd/rpc/agent_server.h"

#include <kj/debug.h>

namespace cbs::rpc {
namespace {

enum class Kind {
  WORK,   // stays where it is asked for
  WAIT,   // may take long, and is asked anew wherever the answer is
  LOOK,   // says how things are
  CHANGE  // is to be done once
};

// By the number of a method in schema/agent.capnp.
Kind kindOf(uint16_t method) {
  switch (method) {
    case 0:   // exec
    case 1:   // transfer
    case 2:   // list
    case 20:  // fanOut
      return Kind::WORK;
    case 14:  // awaitJobs
    case 15:  // readLog
      return Kind::WAIT;
    case 3:   // stats
    case 4:   // connections
    case 5:   // health
    case 7:   // explain
    case 13:  // jobs
    case 17:  // hosts
    case 19:  // details
      return Kind::LOOK;
    default:
      return Kind::CHANGE;
  }
}

}  // namespace

// What may turn out to be this agent itself is not kept: it would keep itself.
schema::Agent::Client AgentServer::successor() {
  KJ_IF_MAYBE (known, successor_) {
    return *known;
  }
  bool settled = services_.succession.settled();
  auto successor = services_.succession.agentFor(caller_, thisCap().castAs<schema::Agent>());
  if (settled) successor_ = successor;
  return successor;
}

// What the call has written into its results so far is written over.
kj::Promise<void> AgentServer::passOn(uint64_t interfaceId, uint16_t methodId, AnyContext context) {
  auto params = context.getParams();
  auto request = successor().typelessRequest(interfaceId, methodId, params.targetSize());
  request.set(params);
  return request.send().then([context](auto&& response) mutable { context.getResults().set(response); });
}

// An agent that is asked by its own successor, as nothing came of it, answers itself.
AgentServer::DispatchCallResult AgentServer::dispatchCall(uint64_t interfaceId, uint16_t methodId, AnyContext context) {
  auto kind = kindOf(methodId);
  auto& succession = services_.succession;
  if (kind == Kind::WORK || !succession.begun()) {
    auto called = schema::Agent::Server::dispatchCall(interfaceId, methodId, context);
    if (kind == Kind::WAIT) {
      auto here = called.promise.then([]() { return true; });
      auto elsewhere = succession.whenBegun().then([]() { return false; });
      called.promise = here.exclusiveJoin(kj::mv(elsewhere))
                           .then([this, interfaceId, methodId, context](bool answered) mutable -> kj::Promise<void> {
                             if (answered) return kj::READY_NOW;
                             return passOn(interfaceId, methodId, context);
                           });
      return called;
    }
    called.promise = called.promise.attach(Activity::Entry(caller_.activity, kind != Kind::LOOK));
    return called;
  }
  auto passed = passOn(interfaceId, methodId, context);
  if (kind != Kind::WAIT) passed = passed.attach(Activity::Entry(caller_.activity, kind != Kind::LOOK));
  return {kj::mv(passed), false};
}

}  // namespace cbs::rpc
