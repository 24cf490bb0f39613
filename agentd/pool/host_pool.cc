#include "agentd/pool/host_pool.h"

#include "agentd/pool/dialer.h"
#include "common/deadline.h"

#include <algorithm>
#include <utility>

namespace cbs::pool {
namespace {

// How often a caller is given another channel when the one it got broke before it was used.
constexpr int kAttempts = 8;

// A server's limit that was learned from a refusal may have been raised after this long.
constexpr kj::Duration kRememberLimit = 1 * kj::HOURS;

// 0.9 to 1.1.
double spreadOf(uint64_t random) { return 0.9 + 0.2 * static_cast<double>(random >> 11) / 9007199254740992.0; }

}  // namespace

HostPool::HostPool(Loop loop, const PoolLimits& whole, HostLimits limits, Gatekeeper& gatekeeper, Instance& instance)
    : loop_(loop),
      whole_(whole),
      limits_(limits),
      gatekeeper_(gatekeeper),
      instance_(instance),
      reachability_(limits.reachability, loop.timer.now()),
      channelLimit_(limits.maxChannelsPerConnection),
      learnedAt_(loop.timer.now()),
      tasks_(*this) {}

HostPool::~HostPool() noexcept(false) {
  for (auto& member : members_) instance_.left(*member);
}

void HostPool::setLimits(HostLimits limits) {
  bool learned = channelLimit_ < limits_.maxChannelsPerConnection;
  channelLimit_ = learned ? std::min(channelLimit_, limits.maxChannelsPerConnection) : limits.maxChannelsPerConnection;
  limits_ = limits;
  reachability_.setLimits(limits.reachability);
  for (auto& member : members_) {
    member->channelLimit = std::min(channelLimit_, kj::max(member->channelLimit, 1u));
    if (!learned) member->channelLimit = channelLimit_;
    member->tunnelLimit = limits.maxTunnelsPerConnection;
    member->connection->limitChannels(member->channelLimit);
    member->connection->doubtAfter(limits.probeAfter, limits.connectTimeout);
  }
  serve();
}

Task<Expected<Lease>> HostPool::borrow(std::shared_ptr<const HostAccess> access, Use use) {
  access_ = access;
  Error last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto reservation = co_await reserve(use, access);
    if (!reservation) co_return fail(reservation.error());
    Member& member = reservation->member();
    auto channel = co_await member.connection->openChannel();
    if (channel) co_return lend(member, kj::mv(*channel), use);
    last = kj::mv(channel.error());
    if (last.kind == ErrorKind::OVERLOADED) refused(member);
  }
  co_return fail(kj::mv(last));
}

Task<Expected<Reservation>> HostPool::reserveTunnel(std::shared_ptr<const HostAccess> access) {
  access_ = access;
  co_return co_await reserve(Use::TUNNEL, access);
}

Lease HostPool::lend(Member& member, kj::Own<ssh::Channel> channel, Use use) {
  bool reused = member.served > 0;
  instance_.lent(member, loop_.timer.now());
  ++sums_.commands;
  Lease lease{{}, kj::addRef(member), kj::mv(channel), reused, reused ? ssh::DialProgress() : member.dial};
  if (use == Use::BULK) lease.transfer = kj::heap<CarriesTransfer>(member);
  return lease;
}

Task<Expected<Reservation>> HostPool::reserve(Use use, std::shared_ptr<const HostAccess> access) {
  Line& line = lineFor(use);
  if (line.empty()) {
    if (Member* member = pick(use)) co_return promise(*member, use);
  }
  if (line.size() >= whole_.maxWaiting) {
    co_return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL,
                   std::to_string(line.size()) + " callers already wait for this host");
  }
  auto pair = kj::newPromiseAndFulfiller<Expected<Reservation>>();
  line.push(access->caller, Waiter{kj::mv(pair.fulfiller), access, loop_.timer.now()});
  grow();
  const bool mayShareLater = use == Use::BULK || (use == Use::SESSION && allCarryBulk());
  if (mayShareLater) serveAt(loop_.timer.now() + kShareAfter);
  auto tooLong = loop_.timer.afterDelay(whole_.maxWait).then([]() -> Expected<Reservation> {
    return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL, "every connection to the host stays busy");
  });
  co_return co_await pair.promise.exclusiveJoin(kj::mv(tooLong));
}

// No more is lent of it; it ends with what uses it.
void HostPool::retire(Member& member) {
  member.retired = true;
  tendSoon();
}

void HostPool::serve() {
  serve(Use::SESSION);
  serve(Use::TUNNEL);
  serve(Use::BULK);
  grow();
}

void HostPool::serve(Use use) {
  Line& line = lineFor(use);
  for (dropGone(line); !line.empty(); dropGone(line)) {
    Member* member = pick(use);
    if (member == nullptr) break;
    line.pop().fulfiller->fulfill(promise(*member, use));
  }
}

void HostPool::dropGone(Line& line) {
  while (!line.empty() && !line.front().fulfiller->isWaiting()) line.pop();
}

std::shared_ptr<const HostAccess> HostPool::firstInLine() {
  for (Line* line : {&sessions_, &tunnels_, &bulk_}) {
    dropGone(*line);
    if (!line->empty()) return line->front().access;
  }
  return access_;
}

// Makes as many connections as those who wait need.
void HostPool::grow() {
  while (dialsWanted() > dials_.size()) {
    auto obstacle = reachability_.obstacle(loop_.timer.now());
    KJ_IF_MAYBE (error, obstacle) {
      if (members_.empty() && dials_.empty()) failWaiters(*error);
      return;
    }
    if (!mayDial()) {
      if (!tunnels_.empty() && dials_.empty()) instance_.closeIdleBehind(access_->key);
      return;
    }
    if (reachability_.state(loop_.timer.now()) == "halfOpen") {
      probing_ = true;
      tellBreaker("halfOpen");
    }
    reachability_.enter(loop_.timer.now());
    tasks_.add(makeConnection());
  }
}

size_t HostPool::dialsWanted() const {
  auto connectionsFor = [](size_t callers, size_t each) { return (callers + each - 1) / each; };
  size_t forTunnels = connectionsFor(tunnels_.size(), limits_.maxTunnelsPerConnection);
  if (shared()) return std::max(connectionsFor(sessions_.size() + bulk_.size(), channelLimit_), forTunnels);
  size_t forBulk = bulk_.empty() ? 0 : std::min(connectionsFor(bulk_.size(), channelLimit_), placesForBulk());
  return std::max(connectionsFor(sessions_.size(), channelLimit_), forTunnels) + forBulk;
}

bool HostPool::mayDial() {
  if (members_.size() + dials_.size() >= limits_.maxConnections) return false;
  bool othersWork = !members_.empty() || !dials_.empty();
  if ((pausing_ || othersWork) && loop_.timer.now() < reachability_.nextAttempt()) return false;
  return instance_.takePlace(*this, !tunnels_.empty());
}

Task<void> HostPool::makeConnection() {
  auto progress = dials_.emplace(dials_.end());
  auto access = firstInLine();
  instance_.watcher().connecting(*access);
  auto connection = co_await dial(loop_, instance_, access, limits_.connectTimeout, *this, *progress);
  ssh::DialProgress times = *progress;
  dials_.erase(progress);
  if (connection) {
    dialed(kj::mv(*connection), *access, times);
  } else {
    instance_.givePlaceBack();
    dialFailed(kj::mv(connection.error()), *access);
  }
  serve();
}

Task<Expected<kj::Own<ssh::AddressGate::Permit>>> HostPool::enter(std::string address) {
  lastAddress_ = address;
  return gatekeeper_.enter(std::move(address), limits_);
}

void HostPool::dialed(kj::Own<ssh::Connection> connection, const HostAccess& access, const ssh::DialProgress& times) {
  instance_.watcher().connected(access, connection->address(), times);
  if (reachability_.state(loop_.timer.now()) != "closed") tellBreaker("closed");
  probing_ = false;
  reachability_.connected();
  pausing_ = false;
  lastDial_ = times;
  ++instance_.count().created;
  notePhases(times);
  const kj::TimePoint now = loop_.timer.now();
  if (now - learnedAt_ >= kRememberLimit) channelLimit_ = limits_.maxChannelsPerConnection;
  connection->limitChannels(channelLimit_);
  connection->doubtAfter(limits_.probeAfter, limits_.connectTimeout);
  connection->onChange([this]() { tendSoon(); });
  connection->onOpened([this](uint64_t us) { instance_.count().phases.open.record(us); });
  auto member = kj::refcounted<Member>(kj::mv(connection), channelLimit_, limits_.maxTunnelsPerConnection, now,
                                       spreadOf(instance_.random()));
  member->host = this;
  member->dial = times;
  member->released = [this, &member = *member]() {
    if (waiting() > 0 || (member.idle() && !member.resting)) tendSoon();
  };
  instance_.joined(*member);
  members_.push_back(kj::mv(member));
  if (members_.back()->connection->dead()) tendSoon();  // it has died before it could say so
}

void HostPool::notePhases(const ssh::DialProgress& times) {
  PhaseTimes& phases = instance_.count().phases;
  bool lookedUpHere = access_->jump == nullptr && access_->proxyCommand.empty();
  if (lookedUpHere) phases.resolve.record(times.resolveUs);
  phases.connect.record(times.connectUs);
  phases.handshake.record(times.handshakeUs);
  phases.authenticate.record(times.authenticateUs);
}

void HostPool::dialFailed(Error error, const HostAccess& access) {
  ++instance_.count().failures[error.reason];
  ++sums_.failures;
  instance_.watcher().failed(access, lastAddress_, error);
  const bool wasOpen = reachability_.state(loop_.timer.now()) == "open";
  pausing_ = reachability_.failed(error, loop_.timer.now(), instance_.random());
  const bool probed = std::exchange(probing_, false);
  if ((probed || !wasOpen) && reachability_.state(loop_.timer.now()) == "open") tellBreaker("open");
  // The next in line may be asked what this one was.
  if (error.reason == Reason::CALLER_GONE) return serveAt(loop_.timer.now());
  if (members_.empty() && dials_.empty() && !pausing_) {
    failWaiters(error);
  } else {
    serveAt(reachability_.nextAttempt());
  }
}

void HostPool::tellBreaker(std::string_view state) {
  instance_.watcher().breaker(access_->alias, lastAddress_, state, reachability_.lastFailure());
}

void HostPool::tellClosed(const Member& member) {
  instance_.watcher().closed({.host = access_->alias,
                              .address = member.connection->address(),
                              .why = member.connection->deathReason(),
                              .age = loop_.timer.now() - member.createdAt,
                              .served = member.served});
}

void HostPool::serveAt(kj::TimePoint when) {
  tasks_.add(loop_.timer.atTime(when).then([this]() { serve(); }));
}

// The server opens no more channels on this connection.
void HostPool::refused(Member& member) {
  unsigned open = member.connection->sessionsInUse();
  if (open == 0 && member.connection->tunnelsInUse() > 0) {
    return retire(member);
  }
  if (open == 0) {
    member.dismiss("the server opens no session channels");
    return;
  }
  member.channelLimit = open;
  channelLimit_ = std::min(channelLimit_, open);
  learnedAt_ = loop_.timer.now();
}

void HostPool::failWaiters(const Error& error) {
  for (Line* line : {&sessions_, &tunnels_, &bulk_}) {
    auto waiters = std::exchange(*line, {});
    while (!waiters.empty()) waiters.pop().fulfiller->fulfill(fail(error));
  }
}

void HostPool::close(Member& member, std::string reason) {
  instance_.becameBusy(member);
  member.dismiss(std::move(reason));
  tendSoon();
}

HostPool::Disconnected HostPool::disconnect(bool now) {
  Disconnected result;
  for (auto& member : members_) {
    if (member->connection->dead()) continue;
    ++(now || member->idle() ? result.closed : result.leaving);
    if (now) member->dismiss("a user has disconnected it");
    retire(*member);
  }
  return result;
}

bool HostPool::resetBreakers() {
  bool failed = reachability_.lastFailure().kind != ErrorKind::NONE;
  if (reachability_.state(loop_.timer.now()) != "closed") tellBreaker("closed");
  reachability_.reset();
  pausing_ = false;
  gatekeeper_.reset(lastAddress_);
  serve();
  return failed;
}

void HostPool::inspect(Member& member) {
  if (member.worn(limits_, loop_.timer.now())) retire(member);
  if (member.idle()) return;
  bool own = access_->keepaliveInterval > 0 * kj::SECONDS;
  member.connection->checkAlive(own ? access_->keepaliveInterval : limits_.keepaliveInterval, access_->keepaliveMost);
}

// Connections say that something has changed from inside themselves: they may be dropped in a later turn only.
void HostPool::tendSoon() {
  if (std::exchange(tending_, true)) return;
  tasks_.add(kj::evalLater([this]() {
    tending_ = false;
    tend();
  }));
}

void HostPool::tend() {
  size_t ended = std::erase_if(members_, [this](kj::Own<Member>& member) {
    if (member->retired && member->idle()) member->dismiss("it has served its time");
    if (!member->connection->dead()) return false;
    tellClosed(*member);
    bury(*member);
    return true;
  });
  for (auto& member : members_) {
    if (!member->idle() || member->resting) continue;
    member->usedAt = loop_.timer.now();
    instance_.becameIdle(*member);
  }
  instance_.count().closed += ended;
  serve();
  for (size_t i = 0; i < ended; ++i) instance_.givePlaceBack();
}

void HostPool::bury(Member& member) {
  instance_.left(member);
  sums_.bytesIn += member.connection->bytesIn();
  sums_.bytesOut += member.connection->bytesOut();
  if (!member.dismissed) ++sums_.failures;
}

HostSums HostPool::sums() const {
  HostSums sums = sums_;
  for (const auto& member : members_) {
    sums.bytesIn += member->connection->bytesIn();
    sums.bytesOut += member->connection->bytesOut();
  }
  return sums;
}

bool HostPool::forgettable(kj::TimePoint now) {
  bool learned = channelLimit_ < limits_.maxChannelsPerConnection && now - learnedAt_ < kRememberLimit;
  bool inUse = !members_.empty() || !dials_.empty() || waiting() > 0;
  return !inUse && !learned && !reachability_.open(now) && tasks_.isEmpty();
}

void HostPool::taskFailed(kj::Exception&& exception) {
  failWaiters({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()});
}

}  // namespace cbs::pool
