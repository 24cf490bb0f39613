#include "agentd/pool/gatekeeper.h"

#include <string>
#include <utility>

namespace cbs::pool {
namespace {

// So long after the last word of it, an address with some failures or a narrowed window is as good as new.
constexpr kj::Duration kForgetAfter = 10 * kj::MINUTES;

}  // namespace

struct Gatekeeper::Address {
  Address(std::string name, const HostLimits& limits)
      : name(std::move(name)), governor(limits.maxLoginsAtOnce), breaker(limits.reachability.connect) {}

  std::string name;
  core::Governor governor;
  core::Breaker breaker;
  Error lastFailure;
  kj::Duration shutOutFor = 0 * kj::SECONDS;  // when the server says that it has shut us out
  kj::TimePoint touchedAt = kj::origin<kj::TimePoint>();
  std::deque<Waiter> waiting;
  bool inTurns = false;

  bool pristine() const { return governor.pristine() && waiting.empty() && !inTurns && breaker.failures() == 0; }
};

class Gatekeeper::Permit final : public ssh::AddressGate::Permit {
 public:
  Permit(Gatekeeper& keeper, Address& address)
      : keeper_(keeper), address_(address), startedAt_(keeper.timer_.now()), probe_(address.breaker.opened()) {
    if (probe_) tell("halfOpen");
    address.breaker.enter(startedAt_);
    address.governor.started();
    ++keeper.atOnce_;
  }

  ~Permit() noexcept(false) override {
    if (!judged_) address_.breaker.abandoned(keeper_.timer_.now());
    releaseExchange();
    keeper_.releaseLogin(address_);
  }
  KJ_DISALLOW_COPY(Permit);

  void agreed() override {
    judged_ = true;
    if (address_.breaker.opened()) tell("closed");
    address_.breaker.succeeded(keeper_.timer_.now());
    releaseExchange();
    keeper_.admitWhoMay();
  }

  void loggedIn() override { address_.governor.succeeded(); }

  void failed(const Error& why) override {
    const kj::TimePoint now = keeper_.timer_.now();
    bool dropped = why.reason == Reason::STARTUPS_EXCEEDED;
    if (dropped) address_.governor.dropped(startedAt_, now);
    if (dropped || judged_) return;  // then it is no failure to reach it
    judged_ = true;
    address_.lastFailure = why;
    const bool wasOpen = address_.breaker.opened();
    if (why.reason == Reason::PENALIZED) {
      address_.breaker.trip(now, address_.shutOutFor);
    } else if (why.kind == ErrorKind::UNREACHABLE) {
      address_.breaker.failed(now);
    } else {
      address_.breaker.abandoned(now);
    }
    if ((probe_ || !wasOpen) && address_.breaker.retryAfter(now) != nullptr) tell("open");
    keeper_.refuseWaiting(address_);
  }

 private:
  void tell(std::string_view state) { keeper_.watcher_.breaker("", address_.name, state, address_.lastFailure); }

  void releaseExchange() {
    if (std::exchange(exchanging_, false)) --keeper_.atOnce_;
  }

  Gatekeeper& keeper_;
  Address& address_;
  kj::TimePoint startedAt_;
  bool probe_;
  bool exchanging_ = true;
  bool judged_ = false;  // the breaker has heard how it ended
};

Gatekeeper::Gatekeeper(kj::Timer& timer, unsigned maxLoginsAtOnce, Watcher& watcher)
    : timer_(timer), watcher_(watcher), maxAtOnce_(maxLoginsAtOnce) {}
Gatekeeper::~Gatekeeper() noexcept(false) = default;

Gatekeeper::Address& Gatekeeper::of(const std::string& name, const HostLimits& limits) {
  auto& address = addresses_[name];
  if (address == nullptr) address = std::make_unique<Address>(name, limits);
  address->governor.setCeiling(limits.maxLoginsAtOnce);
  address->breaker.setLimits(limits.reachability.connect);
  address->shutOutFor = limits.reachability.loginOpenFor;
  address->touchedAt = timer_.now();
  return *address;
}

Task<Expected<kj::Own<ssh::AddressGate::Permit>>> Gatekeeper::enter(std::string name, const HostLimits& limits) {
  Address& address = of(name, limits);
  KJ_IF_MAYBE (pause, address.breaker.retryAfter(timer_.now())) {
    co_return fail(shut(address, *pause));
  }
  bool free = address.waiting.empty() && address.governor.mayStart() && atOnce_ < maxAtOnce_ && turns_.empty();
  if (free) co_return admit(address);
  // A task that is dropped leaves a waiter that nobody listens to.
  auto pair = kj::newPromiseAndFulfiller<Entry>();
  address.waiting.push_back(kj::mv(pair.fulfiller));
  queueUp(address);
  co_return co_await pair.promise;
}

Gatekeeper::Entry Gatekeeper::admit(Address& address) {
  return kj::Own<ssh::AddressGate::Permit>(kj::heap<Permit>(*this, address));
}

void Gatekeeper::queueUp(Address& address) {
  if (address.inTurns || address.waiting.empty() || !address.governor.mayStart()) return;
  address.inTurns = true;
  turns_.push_back(&address);
}

void Gatekeeper::admitWhoMay() {
  while (atOnce_ < maxAtOnce_ && !turns_.empty()) {
    Address& address = *turns_.front();
    turns_.pop_front();
    address.inTurns = false;
    while (!address.waiting.empty() && !address.waiting.front()->isWaiting()) address.waiting.pop_front();
    if (address.waiting.empty() || !address.governor.mayStart()) continue;
    auto pause = address.breaker.retryAfter(timer_.now());
    if (pause != nullptr) {
      refuseWaiting(address);
      continue;
    }
    Waiter waiter = kj::mv(address.waiting.front());
    address.waiting.pop_front();
    waiter->fulfill(admit(address));
    queueUp(address);
  }
}

void Gatekeeper::refuseWaiting(Address& address) {
  KJ_IF_MAYBE (pause, address.breaker.retryAfter(timer_.now())) {
    for (Waiter& waiter : std::exchange(address.waiting, {})) waiter->fulfill(fail(shut(address, *pause)));
  }
}

void Gatekeeper::releaseLogin(Address& address) {
  address.governor.ended();
  address.touchedAt = timer_.now();
  queueUp(address);
  admitWhoMay();
  if (address.pristine()) addresses_.erase(std::string(address.name));
}

Error Gatekeeper::shut(const Address& address, kj::Duration pause) const {
  return Error{ErrorKind::UNREACHABLE, Reason::BREAKER_OPEN, address.lastFailure.detail}
      .with("address", address.name)
      .with("lastReason", std::string(nameOf(address.lastFailure.reason)))
      .with("failures", std::to_string(address.breaker.failures()))
      .with("retryAfterMs", std::to_string(pause / kj::MILLISECONDS));
}

void Gatekeeper::reset(const std::string& name) {
  auto found = addresses_.find(name);
  if (found == addresses_.end()) return;
  if (found->second->breaker.opened()) watcher_.breaker("", name, "closed", found->second->lastFailure);
  found->second->breaker.reset();
}

AddressFigures Gatekeeper::figures(const std::string& name) const {
  auto found = addresses_.find(name);
  if (found == addresses_.end()) return {};
  const Address& address = *found->second;
  return {.loginsUnderWay = address.governor.underWay(),
          .window = address.governor.window(),
          .waiting = static_cast<unsigned>(address.waiting.size()),
          .failures = address.breaker.failures(),
          .retryAfter = address.breaker.retryAfter(timer_.now())};
}

std::vector<ShutAddress> Gatekeeper::shutAddresses() const {
  const kj::TimePoint now = timer_.now();
  std::vector<ShutAddress> shut;
  for (const auto& [name, address] : addresses_) {
    const core::Breaker& breaker = address->breaker;
    if (!breaker.opened()) continue;
    auto pause = breaker.retryAfter(now);
    shut.push_back(
        {name, pause == nullptr, breaker.failures(), pause.orDefault(0 * kj::SECONDS), address->lastFailure});
  }
  return shut;
}

void Gatekeeper::cleanUp() {
  const kj::TimePoint now = timer_.now();
  std::erase_if(addresses_, [&](const auto& entry) {
    const Address& address = *entry.second;
    bool idle = address.waiting.empty() && address.governor.underWay() == 0 && !address.inTurns;
    return idle && address.breaker.retryAfter(now) == nullptr && now - address.touchedAt >= kForgetAfter;
  });
}

}  // namespace cbs::pool
