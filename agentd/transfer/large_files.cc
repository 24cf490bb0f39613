#include "agentd/transfer/large_files.h"

#include "agentd/transfer/comparison.h"
#include "agentd/transfer/file_move.h"

#include <kj/debug.h>

#include <utility>

namespace cbs::transfer {
namespace {

// What fails here cannot be mended, and the other parts matter more.
Task<void> leaveOne(MoveState& state, Writer& writer) {
  try {
    auto part = co_await writer.leave();
    if (!part.empty()) state.parts.push_back(std::move(part));
  } catch (const kj::Exception& exception) {
    KJ_LOG(INFO, "a part could not be given up; ignoring it", exception);
  }
}

}  // namespace

Task<Expected<void>> moveLargeFiles(MoveState& state) {
  for (;;) {
    auto taken = co_await state.queue.takeLarge();
    if (taken.files.empty()) co_return {};
    auto files = co_await withoutUnchanged(state, std::move(taken.files));
    if (!files) co_return fail(std::move(files.error()));
    for (Entry& file : *files) {
      if (state.options.dryRun) {
        state.ledger.wouldMove(file);
        continue;
      }
      FileMove move(state, std::move(file));
      auto moved = co_await move.run();
      if (!moved) co_return moved;
    }
  }
}

Task<void> leaveWriters(MoveState& state) {
  std::vector<Task<void>> leaving;
  leaving.reserve(state.writers.size());
  for (auto& writer : state.writers) leaving.push_back(leaveOne(state, *writer));
  for (auto& task : leaving) co_await task;
  state.writers.clear();
}

}  // namespace cbs::transfer
