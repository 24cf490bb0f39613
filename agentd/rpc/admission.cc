#include "agentd/rpc/admission.h"

namespace cbs::rpc {
namespace {

queue::Ticket ticketOf(uid_t uid, const identity::Resolved& host, uint64_t patienceMs) {
  queue::Ticket ticket;
  ticket.caller = uid;
  ticket.host = host.host().getAlias().cStr();
  if (patienceMs > 0) ticket.deadline = static_cast<int64_t>(patienceMs) * kj::MILLISECONDS;
  return ticket;
}

std::string textOf(capnp::Data::Reader data) { return {data.asChars().begin(), data.size()}; }

}  // namespace

identity::CallerContext contextOf(schema::CallerContext::Reader caller) {
  identity::CallerContext context{.authSock = caller.getAuthSock().cStr()};
  if (caller.hasPrompter())
    context.asker = {std::make_shared<schema::Prompter::Client>(caller.getPrompter()), caller.getAskPass()};
  for (auto variable : caller.getEnvironment()) {
    context.environment.emplace_back(textOf(variable.getName()), textOf(variable.getValue()));
  }
  return context;
}

Task<Expected<Admission>> admit(Services& services, Applicant applicant) {
  auto host = co_await services.resolver.resolve(kj::mv(applicant.target), applicant.caller);
  if (!host) co_return fail(kj::mv(host.error()));
  auto arrived = services.loop.timer.now();
  auto lane = co_await services.queue.enter(ticketOf(applicant.uid, **host, applicant.patienceMs));
  if (!lane) co_return fail(kj::mv(lane.error()));
  co_return Admission{kj::mv(*host), kj::mv(*lane), std::to_string(applicant.uid), kj::mv(applicant.caller),
                      services.loop.timer.now() - arrived};
}

}  // namespace cbs::rpc
