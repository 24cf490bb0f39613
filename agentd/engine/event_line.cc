#include "agentd/engine/event_line.h"

#include "agentd/engine/transfer_codec.h"

#include <algorithm>

namespace cbs::engine {
namespace {

constexpr kj::Duration kBetweenReports = 100 * kj::MILLISECONDS;

// In one message: some 100 KiB.
constexpr size_t kEventsAtOnce = 1000;

// Who makes more than these waits.
constexpr size_t kMostWaiting = 4000;

}  // namespace

void EventLine::tell(transfer::Event event) {
  const bool ofInterest = options_.tellAll || options_.verify || options_.dryRun;
  if (event.what == transfer::Event::What::UNCHANGED && !ofInterest) return;
  waiting_.push_back(kj::mv(event));
}

// One may wait at a time: the mover.
kj::Promise<void> EventLine::room() {
  if (waiting_.size() < kMostWaiting) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForRoom_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

Task<void> EventLine::pass(const transfer::Tally& tally, const transfer::Streams* streams) {
  for (;;) {
    co_await loop_.timer.afterDelay(kBetweenReports);
    co_await flush();
    co_await sendProgress(tally, streams);
  }
}

Task<void> EventLine::flush() {
  while (!waiting_.empty()) {
    auto request = observer_.eventsRequest();
    auto events = request.initEvents(static_cast<unsigned>(std::min(waiting_.size(), kEventsAtOnce)));
    for (auto event : events) {
      encode(waiting_.front(), event);
      waiting_.pop_front();
    }
    co_await request.send();
    KJ_IF_MAYBE (waiter, waitsForRoom_) {
      if (waiting_.size() < kMostWaiting) (*waiter)->fulfill();
    }
  }
}

Task<void> EventLine::sendProgress(const transfer::Tally& tally, const transfer::Streams* streams) {
  if (tally.bytes == toldBytes_ && tally.entries == toldFiles_) co_return;
  toldBytes_ = tally.bytes;
  toldFiles_ = tally.entries;
  auto request = observer_.progressRequest();
  auto progress = request.initProgress();
  encode(tally, progress);
  if (streams != nullptr) progress.setStreams(streams->count());
  co_await request.send();
}

}  // namespace cbs::engine
