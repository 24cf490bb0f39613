#include "agentd/rpc/transfer_relay.h"

namespace cbs::rpc {

kj::Promise<void> TransferRelay::progress(ProgressContext context) {
  auto request = caller_.progressRequest(context.getParams().totalSize());
  request.setProgress(context.getParams().getProgress());
  return request.send();
}

kj::Promise<void> TransferRelay::events(EventsContext context) {
  auto request = caller_.eventsRequest(context.getParams().totalSize());
  request.setEvents(context.getParams().getEvents());
  return request.send();
}

kj::Promise<void> TransferRelay::finished(FinishedContext context) {
  auto request = caller_.finishedRequest(context.getParams().totalSize());
  request.setResult(context.getParams().getResult());
  request.getResult().getTimes().setQueueUs(static_cast<uint64_t>(queued_ / kj::MICROSECONDS));
  trail_->end(request.getResult());
  return request.send().ignoreResult().then([this]() { told_->fulfill(); },
                                            [this](kj::Exception&&) { told_->fulfill(); });
}

}  // namespace cbs::rpc
