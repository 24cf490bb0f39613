#include "agentd/rpc/guarded_agent.h"

#include "common/not_allowed.h"

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer>;

constexpr uint16_t kDisconnect = 8;
constexpr uint16_t kResetBreaker = 9;

MethodRule ruleOf(uint64_t interfaceId, uint16_t methodId) {
  bool known = interfaceId == capnp::typeId<schema::Agent>() && methodId < methodRules().size();
  return known ? methodRules()[methodId] : MethodRule{"this", Role::OWNER};
}

// For all hosts at once it takes more than for one.
bool concernsAll(uint16_t methodId, Context& context) {
  if (methodId == kDisconnect) return context.getParams().getAs<schema::Agent::DisconnectParams>().getAll();
  if (methodId == kResetBreaker) return context.getParams().getAs<schema::Agent::ResetBreakerParams>().getAll();
  return false;
}

std::string whyNot(std::string_view call, Role least, const Access& access) {
  std::string words(call);
  if (least == Role::OWNER) return words + " is for the daemon's own user and root";
  auto groups = access.groupsText(least);
  return words + " is for those who may use the daemon" + (groups.empty() ? "" : " (groups: " + groups + ")") +
         ", and you may only look";
}

}  // namespace

const std::vector<MethodRule>& methodRules() {
  static const std::vector<MethodRule> kRules = {
      {"exec", Role::USER},         {"transfer", Role::USER},      {"list", Role::USER},
      {"stats", Role::VIEWER},      {"connections", Role::VIEWER}, {"health", Role::VIEWER},
      {"stop", Role::OWNER},        {"explain", Role::VIEWER},     {"disconnect", Role::USER},
      {"resetBreaker", Role::USER}, {"drain", Role::OWNER},        {"reload", Role::OWNER},
      {"submit", Role::USER},       {"jobs", Role::VIEWER},        {"awaitJobs", Role::VIEWER},
      {"readLog", Role::USER},      {"cancelJobs", Role::USER},    {"hosts", Role::VIEWER},
      {"replace", Role::OWNER},     {"details", Role::VIEWER},     {"fanOut", Role::USER},
      {"submitAll", Role::USER},
  };
  return kRules;
}

GuardedAgent::DispatchCallResult GuardedAgent::dispatchCall(uint64_t interfaceId, uint16_t methodId, Context context) {
  MethodRule rule = ruleOf(interfaceId, methodId);
  Role role = access_.roleOf(caller_);
  if (role == Role::NOBODY) return {notAllowed("you may not use this daemon any more"), false};
  if (role < rule.least) return {notAllowed(whyNot(rule.name, rule.least, access_)), false};
  if (role < Role::OWNER && rule.least != Role::VIEWER && concernsAll(methodId, context)) {
    return {notAllowed(whyNot(std::string(rule.name) + " of all hosts", Role::OWNER, access_)), false};
  }
  return server_.dispatchCall(interfaceId, methodId, kj::mv(context));
}

}  // namespace cbs::rpc
