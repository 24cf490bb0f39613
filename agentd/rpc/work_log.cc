#include "agentd/rpc/work_log.h"

#include <kj/time.h>

#include <utility>

namespace cbs::rpc {

std::string WorkLog::newId() {
  auto now = kj::systemPreciseCalendarClock().now() - kj::UNIX_EPOCH;
  return ids_.next(static_cast<uint64_t>(now / kj::MILLISECONDS), random_());
}

kj::Promise<void> WorkLog::whenIdle() {
  if (underWay_ == 0) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitForIdle_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

Fate fateOf(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  if (state.isNotSent()) return Fate::NOT_SENT;
  if (state.isSignalled()) return Fate::SIGNALLED;
  if (!state.isExited()) return Fate::UNKNOWN;
  bool well = state.getExited() == 0 && outcome.getError().getKind() == schema::ErrorKind::NONE;
  return well ? Fate::SUCCEEDED : Fate::FAILED;
}

void WorkLog::commandEnded(schema::Outcome::Reader outcome) {
  commandEnded(fateOf(outcome));
  auto state = outcome.getState();
  if (state.isExited() || state.isSignalled()) commandTimes_.record(outcome.getTimes().getRunUs());
}

void WorkLog::leave() {
  if (--underWay_ > 0) return;
  for (auto& waiting : std::exchange(waitForIdle_, {})) waiting->fulfill();
}

}  // namespace cbs::rpc
