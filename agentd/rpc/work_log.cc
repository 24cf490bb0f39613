#include "agentd/rpc/work_log.h"

#include <utility>

namespace cbs::rpc {

kj::Promise<void> WorkLog::whenIdle() {
  if (underWay_ == 0) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitForIdle_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void WorkLog::commandEnded(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  if (state.isExited() || state.isSignalled()) commandTimes_.record(outcome.getTimes().getRunUs());
}

void WorkLog::leave() {
  if (--underWay_ > 0) return;
  for (auto& waiting : std::exchange(waitForIdle_, {})) waiting->fulfill();
}

}  // namespace cbs::rpc
