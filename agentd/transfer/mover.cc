#include "agentd/transfer/mover.h"

#include "agentd/transfer/crew.h"
#include "agentd/transfer/hard_links.h"
#include "agentd/transfer/intake.h"
#include "agentd/transfer/large_files.h"
#include "agentd/transfer/move_state.h"
#include "agentd/transfer/small_files.h"

#include <utility>

namespace cbs::transfer {
namespace {

// So many events are told at once, at most.
constexpr size_t kToldAtOnce = 1000;

}  // namespace

struct Mover::Work {
  Work(Loop loop, Source& source, Sink& sink, const Options& options, Budget& budget, Listener& listener)
      : state{loop,
              source,
              sink,
              options,
              Allotment(budget),
              listener,
              {options.limitRate, loop.timer.now()},
              Ledger(listener)} {}

  MoveState state;
  Intake intake{state};
  bool finishing = false;
};

Mover::Mover(Loop loop, Source& source, Sink& sink, const Options& options, Budget& budget, Listener& listener)
    : work_(kj::heap<Work>(loop, source, sink, options, budget, listener)) {}
Mover::~Mover() noexcept(false) = default;

const Tally& Mover::tally() const { return work_->state.ledger.tally(); }
const Error& Mover::firstFailure() const { return work_->state.ledger.firstFailure(); }

const std::vector<std::string>& Mover::parts() const { return work_->state.parts; }
const std::string& Mover::destination() const { return work_->state.destination; }

Task<Expected<void>> Mover::run() {
  auto& state = work_->state;
  auto roots = co_await state.source.roots();
  if (!roots) co_return fail(std::move(roots.error()));
  state.roots = *roots;
  auto place = co_await state.sink.begin(std::move(*roots));
  if (!place) co_return fail(std::move(place.error()));
  state.destination = std::move(*place);
  auto moved = co_await moveAll();
  if (moved) moved = co_await makeHardLinks(state);
  if (moved) moved = co_await finish();
  co_return moved;
}

Task<Expected<void>> Mover::moveAll() {
  Crew crew;
  for (unsigned i = 0; i < kGroupsAtOnce; ++i) crew.start(moveSmallFiles(work_->state));
  for (unsigned i = 0; i < kLargeFilesAtOnce; ++i) crew.start(moveLargeFiles(work_->state));
  crew.start(work_->intake.run());
  co_return co_await crew.all();
}

Task<Expected<void>> Mover::finish() {
  work_->finishing = true;
  for (;;) {
    auto finished = co_await work_->state.sink.finish(work_->intake.complete());
    if (!finished) co_return fail(std::move(finished.error()));
    const bool done = finished->done;
    auto told = co_await tell(std::move(*finished));
    if (!told || done) co_return told;
  }
}

Task<Expected<void>> Mover::tell(Sink::Finished finished) {
  auto& state = work_->state;
  for (size_t i = 0; i < finished.deleted.size(); ++i) {
    if (i % kToldAtOnce == 0) co_await state.listener.room();
    state.ledger.deleted(std::move(finished.deleted[i]));
  }
  Expected<void> goesOn;
  for (size_t i = 0; i < finished.errors.size(); ++i) {
    if (i % kToldAtOnce == 0) co_await state.listener.room();
    auto& failure = finished.errors[i];
    keepFirst(goesOn, state.ledger.failed(std::move(failure.path), std::move(failure.error)));
  }
  co_return goesOn;
}

// What the sink has half done is removed, unless it was at its end already.
Task<void> Mover::leave() {
  co_await leaveWriters(work_->state);
  bool begun = !destination().empty() && !work_->finishing;
  while (begun) {
    auto finished = co_await work_->state.sink.finish(false);
    begun = finished && !finished->done;
  }
}

}  // namespace cbs::transfer
