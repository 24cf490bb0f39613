#include "agentd/engine/stoppable_run.h"

#include <exception>

namespace cbs::engine {

void StoppableRun::stop(Error why) {
  if (error_ || !stopped_.fulfiller->isWaiting()) return;
  error_ = kj::mv(why);
  stopped_.fulfiller->fulfill();
}

Task<void> StoppableRun::untilStopped(Task<Expected<void>> work) {
  co_await settle(kj::mv(work)).promise().exclusiveJoin(kj::mv(stopped_.promise));
}

Task<void> StoppableRun::settle(Task<Expected<void>> work) {
  try {
    auto ended = co_await work;
    if (!ended) failed(kj::mv(ended.error()));
  } catch (const kj::Exception& exception) {
    failed({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()});
  } catch (const std::exception& exception) {
    failed({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.what()});  // e.g. no thread can be had
  }
}

// A lost connection leaves nothing in doubt here: it has failed.
void StoppableRun::failed(Error error) {
  if (error_) return;
  if (error.kind == ErrorKind::LOST) error.kind = ErrorKind::TRANSFER_FAILED;
  error_ = kj::mv(error);
}

}  // namespace cbs::engine
