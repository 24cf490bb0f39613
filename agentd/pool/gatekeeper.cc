#include "agentd/pool/gatekeeper.h"

#include <string>
#include <utility>

namespace cbs::pool {
namespace {

// So long after the last word of it, an address with some failures or a narrowed window is as good as new.
constexpr kj::Duration kForgetAfter = 10 * kj::MINUTES;

// Each has a thread, and a resolver that is down keeps it for half a minute, whoever has given up meanwhile.
constexpr unsigned kMostLookUps = 256;

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

  bool pristine() const { return governor.pristine() && waiting.empty() && breaker.failures() == 0; }
};

class Gatekeeper::Permit final : public ssh::AddressGate::Permit {
 public:
  Permit(Gatekeeper& keeper, Address& address)
      : keeper_(keeper), address_(address), startedAt_(keeper.timer_.now()), probe_(address.breaker.opened()) {
    if (probe_) tell("halfOpen");
    address.breaker.enter(startedAt_);
    address.governor.started();
  }

  ~Permit() noexcept(false) override {
    if (!judged_) address_.breaker.abandoned(keeper_.timer_.now());
    std::erase(keeper_.exchanges_, this);
    releaseExchange();
    keeper_.releaseLogin(address_);
  }
  KJ_DISALLOW_COPY(Permit);

  kj::Promise<void> mayExchange() override {
    if (exchanging_) return kj::READY_NOW;
    auto pair = kj::newPromiseAndFulfiller<void>();
    turn_ = kj::mv(pair.fulfiller);
    keeper_.exchanges_.push_back(this);
    keeper_.letExchange();
    return kj::mv(pair.promise);
  }

  // Its turn has come.
  void exchange() {
    exchanging_ = true;
    ++keeper_.atOnce_;
    turn_->fulfill();
  }

  void agreed() override {
    judged_ = true;
    if (address_.breaker.opened()) tell("closed");
    address_.breaker.succeeded(keeper_.timer_.now());
    releaseExchange();
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
    if (!std::exchange(exchanging_, false)) return;
    --keeper_.atOnce_;
    keeper_.letExchange();
  }

  Gatekeeper& keeper_;
  Address& address_;
  kj::TimePoint startedAt_;
  bool probe_;
  bool exchanging_ = false;
  kj::Own<kj::PromiseFulfiller<void>> turn_;  // to exchange keys
  bool judged_ = false;                       // the breaker has heard how it ended
};

Gatekeeper::Gatekeeper(kj::Timer& timer, unsigned maxLoginsAtOnce, Watcher& watcher)
    : timer_(timer), watcher_(watcher), maxAtOnce_(maxLoginsAtOnce), lookUps_(kMostLookUps) {}
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
  if (address.waiting.empty() && address.governor.mayStart()) co_return admit(address);
  // A task that is dropped leaves a waiter that nobody listens to.
  auto pair = kj::newPromiseAndFulfiller<Entry>();
  address.waiting.push_back(kj::mv(pair.fulfiller));
  co_return co_await pair.promise;
}

Gatekeeper::Entry Gatekeeper::admit(Address& address) {
  return kj::Own<ssh::AddressGate::Permit>(kj::heap<Permit>(*this, address));
}

void Gatekeeper::admitWaiting(Address& address) {
  while (!address.waiting.empty() && address.governor.mayStart()) {
    if (address.breaker.retryAfter(timer_.now()) != nullptr) return refuseWaiting(address);
    Waiter waiter = kj::mv(address.waiting.front());
    address.waiting.pop_front();
    if (waiter->isWaiting()) waiter->fulfill(admit(address));
  }
}

void Gatekeeper::letExchange() {
  while (atOnce_ < maxAtOnce_ && !exchanges_.empty()) {
    Permit& next = *exchanges_.front();
    exchanges_.pop_front();
    next.exchange();
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
  admitWaiting(address);
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
    bool idle = address.waiting.empty() && address.governor.underWay() == 0;
    return idle && address.breaker.retryAfter(now) == nullptr && now - address.touchedAt >= kForgetAfter;
  });
}

}  // namespace cbs::pool
