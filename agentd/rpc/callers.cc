#include "agentd/rpc/callers.h"

#include "agentd/rpc/caller_connection.h"

#include "agentd/telemetry/log.h"

namespace cbs::rpc {
namespace {

constexpr size_t kStrangersAtOnce = 16;

// Strangers are counted together.
uid_t countedAs(const Caller& caller, Role role) { return role == Role::NOBODY ? 0 : caller.user; }
const telemetry::Log kLog(telemetry::Category::CALLERS);
constexpr auto kSilence = 2 * kj::SECONDS;  // one who has just connected has asked by then

}  // namespace

Callers::Callers(Loop loop, size_t limit, MakeAgent makeAgent)
    : loop_(loop), limit_(limit), makeAgent_(kj::mv(makeAgent)), connections_(*this) {}

kj::Promise<void> Callers::whenRoom() {
  if (count_ < limit_) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForRoom_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

void Callers::welcome(kj::AutoCloseFd socket, Caller caller, Role role) {
  if (isOneTooMany({role, countedAs(caller, role)})) return;
  connections_.add(serve(kj::mv(socket), kj::mv(caller), role));
}

bool Callers::isOneTooMany(Guest guest) const {
  auto known = guests_.find(guest);
  if (guest.first == Role::OWNER || known == guests_.end()) return false;
  return known->second >= (guest.first == Role::NOBODY ? kStrangersAtOnce : limit_ / 4);
}

Task<void> Callers::serve(kj::AutoCloseFd socket, Caller caller, Role role) {
  Guest guest{role, countedAs(caller, role)};
  ++count_;
  ++guests_[guest];
  KJ_DEFER(leave(guest));
  const std::string key = caller.key;
  const pid_t pid = caller.pid;
  kLog.debug("connected", {{"caller", key}, {"pid", pid}});
  KJ_DEFER(kLog.debug("left", {{"caller", key}, {"pid", pid}}));
  auto activity = std::make_shared<Activity>();
  caller.activity = activity;
  CallerConnection connection(loop_, kj::mv(socket), kj::mv(caller), role, makeAgent_);
  co_await connection.whenOver().exclusiveJoin(untilUnused(kj::mv(activity), connection).promise());
}

// Once there is another daemon to go to. What the caller has sent and nobody has read yet is not silence.
Task<void> Callers::untilUnused(std::shared_ptr<Activity> activity, const CallerConnection& connection) {
  co_await retired_.addBranch();
  for (uint64_t begun = 0;;) {
    co_await activity->whenIdle();
    begun = activity->begun();
    co_await loop_.timer.afterDelay(kSilence);
    if (activity->idle() && activity->begun() == begun && !connection.hasUnread()) co_return;
  }
}

kj::Promise<void> Callers::retire() {
  retirePair_.fulfiller->fulfill();
  return connections_.onEmpty();
}

void Callers::leave(Guest guest) {
  --count_;
  if (--guests_[guest] == 0) guests_.erase(guest);
  KJ_IF_MAYBE (waiting, waitsForRoom_) {
    (*waiting)->fulfill();
  }
}

void Callers::taskFailed(kj::Exception&& exception) {
  kLog.debug("connection failed", {{"detail", exception.getDescription().cStr()}});
}

}  // namespace cbs::rpc
