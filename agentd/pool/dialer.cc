#include "agentd/pool/dialer.h"

#include "agentd/ssh/proxy_command.h"
#include "agentd/ssh/tunnel.h"
#include "common/deadline.h"

namespace cbs::pool {
namespace {

using ssh::Connected;

// How often another connection to the jump host is taken when the one that was to be used had died.
constexpr int kAttempts = 3;

// One attempt to get to a host.
class Dialer {
 public:
  Dialer(Loop loop, Instance& instance, std::shared_ptr<const HostAccess> access, ssh::AddressGate& gate)
      : loop_(loop), instance_(instance), access_(std::move(access)), gate_(gate) {}

  Task<Expected<Connected>> connect(Allowance& allowance, ssh::DialProgress& progress) {
    if (access_->jump != nullptr) return throughJumpHost(allowance, progress);
    if (!access_->proxyCommand.empty()) return byCommand(allowance, progress);
    return ssh::connectTo(loop_, access_->dial.transport, allowance, gate_, progress);
  }

 private:
  std::string destination() const {
    const auto& transport = access_->dial.transport;
    return transport.hostName + ":" + std::to_string(transport.port);
  }

  // The jump host has its own limits on how long it may take, and the gate is entered only once a tunnel is promised:
  // the jump host's own login may have to pass it as well.
  Task<Expected<Connected>> throughJumpHost(Allowance& allowance, ssh::DialProgress& progress) {
    kj::Own<ssh::AddressGate::Permit> permit;
    Error last;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto reservation = co_await reserve(allowance);
      if (!reservation) co_return fail(befell(*access_->jump, std::move(reservation.error())));
      if (permit.get() == nullptr) {
        auto entered =
            co_await ssh::waitAtGate(loop_, gate_, destination() + " via " + access_->jump->alias, allowance, progress);
        if (!entered) co_return fail(std::move(entered.error()));
        permit = kj::mv(*entered);
      }
      auto channel = co_await openTunnel(reservation->member(), allowance);
      if (channel) co_return carriedBy(kj::mv(*channel), kj::addRef(reservation->member()), kj::mv(permit));
      last = std::move(channel.error());
      if (last.kind != ErrorKind::LOST) break;
    }
    if (last.kind == ErrorKind::LOST) {
      last.kind = ErrorKind::UNREACHABLE;
      co_return fail(befell(*access_->jump, std::move(last)));
    }
    permit->failed(last);
    co_return fail(std::move(last));
  }

  Task<Expected<Reservation>> reserve(Allowance& allowance) {
    Allowance::Pause pause(allowance);
    co_return co_await instance_.reserveTunnel(access_->jump);
  }

  Task<Expected<kj::Own<ssh::Channel>>> openTunnel(Member& member, const Allowance& allowance) {
    const auto& transport = access_->dial.transport;
    Error late{ErrorKind::UNREACHABLE, Reason::CONNECT_TIMED_OUT,
               "the jump host " + access_->jump->alias + " does not get an answer from it"};
    auto channel = co_await within(loop_.timer, allowance.left(), kj::mv(late),
                                   member.connection->openTunnel(transport.hostName, transport.port));
    if (channel) instance_.lent(member, loop_.timer.now());
    co_return kj::mv(channel);
  }

  Expected<Connected> carriedBy(kj::Own<ssh::Channel> channel, kj::Own<Member> member,
                                kj::Own<ssh::AddressGate::Permit> permit) {
    auto sockets = ssh::openSocketPair();
    if (!sockets) return fail(std::move(sockets.error()));
    auto tunnel = kj::heap<ssh::Tunnel>(loop_, kj::mv(channel), kj::mv(sockets->theirs), access_->jump->alias);
    return Connected{kj::mv(sockets->ours), destination() + " via " + access_->jump->alias, kj::mv(permit),
                     tunnel.attach(kj::mv(member))};
  }

  Task<Expected<Connected>> byCommand(Allowance& allowance, ssh::DialProgress& progress) {
    auto address = destination() + " by ProxyCommand";
    auto permit = co_await ssh::waitAtGate(loop_, gate_, address, allowance, progress);
    if (!permit) co_return fail(std::move(permit.error()));
    co_await ssh::waitForExchange(loop_, **permit, allowance, progress);  // a process is no less work than the exchange
    auto sockets = ssh::openSocketPair();
    if (!sockets) co_return fail(std::move(sockets.error()));
    auto command = ssh::ProxyCommand::start(loop_, access_->proxyCommand, kj::mv(sockets->theirs));
    if (!command) co_return fail(std::move(command.error()));
    co_return Connected{kj::mv(sockets->ours), std::move(address), kj::mv(*permit), kj::mv(*command)};
  }

  // Of several jump hosts, the one that it befell first.
  static Error befell(const HostAccess& jump, Error error) {
    if (!error.fact("jumpHost").empty()) return error;
    return std::move(error).with("jumpHost", jump.alias);
  }

  Loop loop_;
  Instance& instance_;
  std::shared_ptr<const HostAccess> access_;
  ssh::AddressGate& gate_;
};

}  // namespace

// The signer and the judge may be other processes, whose death shows as an exception.
Task<Expected<kj::Own<ssh::Connection>>> dial(Loop loop, Instance& instance, std::shared_ptr<const HostAccess> access,
                                              kj::Duration connectLimit, ssh::AddressGate& gate,
                                              ssh::DialProgress& progress) {
  Dialer dialer(loop, instance, access, gate);
  auto connect = [&dialer](Allowance& allowance, ssh::DialProgress& progress) {
    return dialer.connect(allowance, progress);
  };
  try {
    auto request = access->dial;
    if (request.connectLimit == 0 * kj::SECONDS) request.connectLimit = connectLimit;
    co_return co_await ssh::Connection::dial(loop, kj::mv(request), kj::mv(connect), *access->signer, *access->judge,
                                             progress);
  } catch (const kj::Exception& exception) {
    co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr());
  }
}

}  // namespace cbs::pool
