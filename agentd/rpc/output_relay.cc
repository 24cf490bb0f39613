#include "agentd/rpc/output_relay.h"

#include <utility>

namespace cbs::rpc {

OutputRelay::~OutputRelay() noexcept(false) {
  if (!ended_) log_.commandEnded(Fate::UNKNOWN);
}

kj::Promise<void> OutputRelay::write(WriteContext context) {
  auto chunk = context.getParams();
  auto request = caller_.writeRequest(chunk.totalSize());
  request.setStream(chunk.getStream());
  request.setBytes(chunk.getBytes());
  context.releaseParams();  // the caller may let it wait for long
  return request.send();
}

kj::Promise<void> OutputRelay::starting(StartingContext) { return caller_.startingRequest().send().ignoreResult(); }

void OutputRelay::nameTimeout(schema::Outcome::Builder outcome) const {
  for (auto fact : outcome.getError().getFacts()) {
    if (fact.getName() == "timeoutMs") fact.setValue(kj::str(timeoutMs_));
  }
}

kj::Promise<void> OutputRelay::finished(FinishedContext context) {
  auto outcome = context.getParams().getOutcome();
  if (!std::exchange(ended_, true)) log_.commandEnded(outcome);
  auto request = caller_.finishedRequest(context.getParams().totalSize());
  request.setOutcome(outcome);
  nameTimeout(request.getOutcome());
  request.getOutcome().getTimes().setQueueUs(static_cast<uint64_t>(queued_ / kj::MICROSECONDS));
  trail_->end(request.getOutcome());
  return request.send().ignoreResult().then([this]() { told_->fulfill(); },
                                            [this](kj::Exception&&) { told_->fulfill(); });
}

}  // namespace cbs::rpc
