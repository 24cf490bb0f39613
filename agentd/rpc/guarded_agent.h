// Lets callers do what their role allows.
#pragma once

#include "agentd/rpc/access.h"
#include "schema/agent.capnp.h"

#include <string_view>
#include <vector>

namespace cbs::rpc {

// Stands before a caller's agent and sees every call. The role is that of the moment, so that a right which the
// configuration takes away is gone for callers who are connected, too.
class GuardedAgent final : public schema::Agent::Server {
 public:
  // `access` outlives it.
  GuardedAgent(kj::Own<schema::Agent::Server> agent, const Access& access, Caller caller)
      : server_(*agent), agent_(kj::mv(agent)), access_(access), caller_(kj::mv(caller)) {}

  DispatchCallResult dispatchCall(uint64_t interfaceId, uint16_t methodId,
                                  capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override;

 private:
  schema::Agent::Server& server_;
  schema::Agent::Client agent_;  // keeps it, which may ask for itself as a capability
  const Access& access_;
  Caller caller_;
};

// Which role a method takes at least. In the order of the schema; what is not here is the owner's.
struct MethodRule {
  std::string_view name;
  Role least;
};
const std::vector<MethodRule>& methodRules();

}  // namespace cbs::rpc
