#include "agentd/rpc/admission.h"

#include "common/deadline.h"

#include <unistd.h>

namespace cbs::rpc {
namespace {

// The time that a piece of work has, from the moment at which it was asked for.
class Countdown {
 public:
  Countdown(kj::Timer& timer, uint64_t timeoutMs) : timer_(timer), start_(timer.now()), timeoutMs_(timeoutMs) {}

  kj::Maybe<kj::Duration> remaining() const {
    if (timeoutMs_ == 0) return nullptr;
    return limitOf(timeoutMs_) - (timer_.now() - start_);
  }
  bool over() const {
    return remaining().map([](kj::Duration left) { return left <= 0 * kj::SECONDS; }).orDefault(false);
  }

  Error late(std::string detail) const { return noted({ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, kj::mv(detail)}); }
  Error noted(Error error) const {
    if (error.reason != Reason::WAIT_TIMED_OUT) return error;
    return kj::mv(error).with("timeoutMs", std::to_string(timeoutMs_));
  }

 private:
  kj::Timer& timer_;
  kj::TimePoint start_;
  uint64_t timeoutMs_;
};

queue::Ticket ticketOf(const Applicant& applicant, const identity::Resolved& host, kj::Maybe<kj::Duration> deadline) {
  return {.caller = applicant.caller.key,
          .host = hostKeyOf(host.host()),
          .deadline = deadline,
          .priority = applicant.priority,
          .hostName = host.host().getAlias().cStr()};
}

kj::Promise<Expected<std::shared_ptr<const identity::Resolved>>> resolve(Services& services, const Applicant& applicant,
                                                                         const Countdown& time) {
  auto resolved = services.resolver.resolve(applicant.target, applicant.context);
  KJ_IF_MAYBE (limit, time.remaining()) {
    return within(services.loop.timer, *limit, time.late("it waited for ssh_config to be read"), kj::mv(resolved));
  }
  return kj::mv(resolved);
}

std::string textOf(capnp::Data::Reader data) { return {data.asChars().begin(), data.size()}; }

}  // namespace

identity::CallerContext contextOf(schema::CallerContext::Reader caller, uid_t user) {
  identity::CallerContext context{.ownAgents = user == geteuid()};
  if (context.ownAgents) context.authSock = caller.getAuthSock().cStr();
  if (caller.hasPrompter())
    context.asker = {std::make_shared<schema::Prompter::Client>(caller.getPrompter()), caller.getAskPass()};
  identity::HostConfig::Variables variables;
  for (auto variable : caller.getEnvironment()) {
    variables.emplace_back(textOf(variable.getName()), textOf(variable.getValue()));
  }
  context.variables = std::make_shared<const identity::HostConfig::Variables>(std::move(variables));
  return context;
}

std::string hostKeyOf(schema::ResolvedHost::Reader host) {
  std::string key = host.getHostName().cStr();
  key += ':' + std::to_string(host.getPort());
  if (host.getProxyJump().size() > 0) key += std::string(" over ") + host.getProxyJump().cStr();
  if (host.getProxyCommand().size() > 0) key += std::string(" by ") + host.getProxyCommand().cStr();
  return key;
}

Task<Expected<Admission>> admit(Services& services, Applicant applicant) {
  Countdown time(services.loop.timer, applicant.timeoutMs);
  if (!applicant.ssh) co_return fail(kj::mv(applicant.ssh.error()));
  applicant.context.ssh = kj::mv(*applicant.ssh);
  auto host = co_await resolve(services, applicant, time);
  if (!host) co_return fail(kj::mv(host.error()));
  auto arrived = services.loop.timer.now();
  auto& lanes = applicant.lanes == nullptr ? services.queue : *applicant.lanes;
  auto lane = co_await lanes.enter(ticketOf(applicant, **host, time.remaining()));
  if (!lane) co_return fail(time.noted(kj::mv(lane.error())));
  const kj::Duration queued = services.loop.timer.now() - arrived;
  services.work.gotLane(queued);
  if (time.over()) co_return fail(time.late("it waited for its turn"));
  auto user = std::to_string(applicant.caller.user);
  co_return Admission{
      {kj::mv(*host), user + applicant.share, kj::mv(applicant.context)}, kj::mv(*lane), queued, time.remaining()};
}

}  // namespace cbs::rpc
