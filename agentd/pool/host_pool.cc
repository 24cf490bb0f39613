#include "agentd/pool/host_pool.h"

#include "common/deadline.h"

#include <algorithm>
#include <utility>

namespace cbs::pool {
namespace {

// How often a caller is given another channel when the one it got broke before it was used.
constexpr int kAttempts = 8;

// After a connection could not be made while others work, e.g. since the server drops logins beyond MaxStartups.
constexpr kj::Duration kRedialPause = 500 * kj::MILLISECONDS;

}  // namespace

HostPool::HostPool(Loop loop, const PoolLimits& limits, PoolCounters& counters, Budget& budget)
    : loop_(loop),
      limits_(limits),
      counters_(counters),
      budget_(budget),
      breaker_(limits.breaker),
      channelLimit_(limits.maxChannelsPerConnection),
      nextDialAt_(loop.timer.now()),
      tasks_(*this) {}

Task<Expected<Lease>> HostPool::borrow(std::shared_ptr<const HostAccess> access) {
  access_ = kj::mv(access);
  Error last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto reservation = co_await reserve();
    if (!reservation) co_return fail(reservation.error());
    Member& member = reservation->member();
    auto channel = co_await member.connection->openChannel();
    if (channel) {
      bool reused = member.served++ > 0;
      if (reused) ++counters_.reused;
      member.resting = false;
      member.usedAt = loop_.timer.now();
      co_return Lease{kj::addRef(member), kj::mv(*channel), reused, reused ? ssh::DialProgress() : member.dial};
    }
    last = kj::mv(channel.error());
    if (last.kind == ErrorKind::OVERLOADED) refused(member);
  }
  co_return fail(kj::mv(last));
}

Task<Expected<Reservation>> HostPool::reserve() {
  if (waiters_.empty()) {
    if (Member* member = pick()) co_return Reservation(*member);
  }
  if (waiters_.size() >= limits_.maxWaitingPerHost) {
    co_return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL,
                   std::to_string(waiters_.size()) + " callers already wait for this host");
  }
  auto pair = kj::newPromiseAndFulfiller<Expected<Reservation>>();
  waiters_.push_back(kj::mv(pair.fulfiller));
  grow();
  auto tooLong = loop_.timer.afterDelay(limits_.maxWait).then([]() -> Expected<Reservation> {
    return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL, "every connection to the host stays busy");
  });
  co_return co_await pair.promise.exclusiveJoin(kj::mv(tooLong));
}

// The least busy connection, as each is one process on the server; of equals the one used last, so that the others can
// grow old.
Member* HostPool::pick() {
  Member* best = nullptr;
  for (auto& member : members_) {
    if (!member->hasRoom()) continue;
    bool better = best == nullptr || member->load() < best->load() ||
                  (member->load() == best->load() && member->usedAt > best->usedAt);
    if (better) best = member.get();
  }
  return best;
}

void HostPool::serve() {
  while (!waiters_.empty()) {
    if (!waiters_.front()->isWaiting()) {
      waiters_.pop_front();
      continue;
    }
    Member* member = pick();
    if (member == nullptr) break;
    waiters_.front()->fulfill(Reservation(*member));
    waiters_.pop_front();
  }
  grow();
}

// Makes as many connections as those who wait need.
void HostPool::grow() {
  while (waiters_.size() > dials_.size() * channelLimit_ && mayDial()) {
    auto wait = breaker_.enter(loop_.timer.now());
    KJ_IF_MAYBE (pause, wait) {
      if (members_.empty() && dials_.empty()) failWaiters(breakerError(*pause));
      return;
    }
    tasks_.add(dial());
  }
}

Error HostPool::breakerError(kj::Duration pause) const {
  return Error{ErrorKind::UNREACHABLE, Reason::BREAKER_OPEN, lastFailure_.detail}
      .with("lastReason", std::string(nameOf(lastFailure_.reason)))
      .with("failures", std::to_string(breaker_.failures()))
      .with("retryAfterMs", std::to_string(pause / kj::MILLISECONDS));
}

bool HostPool::mayDial() {
  if (members_.size() + dials_.size() >= limits_.maxConnectionsPerHost) return false;
  bool othersWork = !members_.empty() || !dials_.empty();
  if (othersWork && loop_.timer.now() < nextDialAt_) return false;
  return budget_.makeRoom();
}

Task<void> HostPool::dial() {
  auto progress = dials_.emplace(dials_.end());
  auto connection = co_await dialWith(access_, *progress);
  ssh::DialProgress times = *progress;
  dials_.erase(progress);
  if (connection) {
    dialed(kj::mv(*connection), times);
  } else {
    dialFailed(kj::mv(connection.error()));
  }
  serve();
}

// `access` keeps the signer and the judge alive. They may be other processes, whose death shows as an exception.
Task<Expected<kj::Own<ssh::Connection>>> HostPool::dialWith(std::shared_ptr<const HostAccess> access,
                                                            ssh::DialProgress& progress) {
  try {
    co_return co_await ssh::Connection::dial(loop_, access->dial, *access->signer, *access->judge, progress);
  } catch (const kj::Exception& exception) {
    co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr());
  }
}

void HostPool::dialed(kj::Own<ssh::Connection> connection, const ssh::DialProgress& times) {
  breaker_.succeeded(loop_.timer.now());
  ++counters_.created;
  connection->limitChannels(channelLimit_);
  connection->onChange([this]() { tendSoon(); });
  members_.push_back(kj::refcounted<Member>(kj::mv(connection), channelLimit_, loop_.timer.now()));
  members_.back()->dial = times;
}

void HostPool::dialFailed(Error error) {
  const kj::TimePoint now = loop_.timer.now();
  ++counters_.failures[error.reason];
  if (error.kind == ErrorKind::UNREACHABLE) {
    breaker_.failed(now);
  } else {
    breaker_.abandoned(now);  // what failed says nothing about whether the host can be reached
  }
  lastFailure_ = error;
  nextDialAt_ = now + kRedialPause;
  if (members_.empty() && dials_.empty()) {
    failWaiters(error);
  } else {
    tasks_.add(loop_.timer.atTime(nextDialAt_).then([this]() { serve(); }));
  }
}

// The server opens no more channels on this connection.
void HostPool::refused(Member& member) {
  unsigned open = member.connection->channelsInUse();
  if (open == 0) {
    member.connection->close("the server opens no session channels");
    return;
  }
  member.channelLimit = open;
  channelLimit_ = std::min(channelLimit_, open);
}

void HostPool::failWaiters(const Error& error) {
  for (Waiter& waiter : std::exchange(waiters_, {})) waiter->fulfill(fail(error));
}

void HostPool::close(Member& member, std::string reason) {
  member.connection->close(std::move(reason));
  tendSoon();
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
  auto ended = std::erase_if(members_, [](const kj::Own<Member>& member) { return member->connection->dead(); });
  counters_.closed += ended;
  for (auto& member : members_) {
    if (!member->idle() || std::exchange(member->resting, true)) continue;
    member->usedAt = loop_.timer.now();
    budget_.becameIdle(*member);
  }
  serve();
  if (ended > 0) budget_.connectionEnded();
}

void HostPool::taskFailed(kj::Exception&& exception) {
  failWaiters({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()});
}

}  // namespace cbs::pool
