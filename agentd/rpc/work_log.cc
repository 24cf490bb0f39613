#include "agentd/rpc/work_log.h"

namespace cbs::rpc {

kj::Promise<void> WorkLog::whenIdle() {
  if (underWay_ == 0) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForIdle_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

void WorkLog::commandEnded(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  if (state.isExited() || state.isSignalled()) commandTimes_.record(outcome.getTimes().getRunUs());
}

void WorkLog::leave() {
  if (--underWay_ > 0) return;
  KJ_IF_MAYBE (waiting, waitsForIdle_) {
    (*waiting)->fulfill();
  }
}

}  // namespace cbs::rpc
