#include "agentd/transfer/small_files.h"

#include "agentd/transfer/comparison.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace cbs::transfer {
namespace {

// A file may have become larger since it was listed, and those of /proc say that they are empty.
constexpr uint64_t kLeastCounted = uint64_t{4} * 1024;

// What files are, or are at least to be thought to be.
uint64_t bytesOf(const std::vector<Entry>& files, uint64_t least) {
  uint64_t bytes = 0;
  for (const Entry& file : files) bytes += std::max(file.size, least);
  return bytes;
}

Task<Expected<void>> putGroup(MoveState& state, std::vector<SmallFile> files) {
  if (files.empty()) co_return {};
  std::vector<Entry> entries;
  entries.reserve(files.size());
  for (const auto& file : files) entries.push_back(file.entry);
  auto results = co_await state.sink.put(std::move(files));
  KJ_REQUIRE(results.size() == entries.size());
  Expected<void> goesOn;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (results[i]) {
      state.ledger.movedWhole(entries[i]);
    } else {
      keepFirst(goesOn, state.ledger.failed(entries[i], std::move(results[i].error())));
    }
  }
  co_return goesOn;
}

Task<Expected<void>> moveGroup(MoveState& state, std::vector<Entry> files) {
  state.ledger.moves(files.front().path);
  co_await state.pace(bytesOf(files, 0));
  auto held = co_await state.budget.take(bytesOf(files, kLeastCounted));
  auto contents = co_await state.source.readWhole(files);
  KJ_REQUIRE(contents.size() == files.size());
  std::vector<SmallFile> read;
  Expected<void> goesOn;
  for (size_t i = 0; i < files.size(); ++i) {
    if (contents[i]) {
      read.push_back({std::move(files[i]), kj::mv(*contents[i])});
    } else {
      keepFirst(goesOn, state.ledger.failed(files[i], std::move(contents[i].error())));
    }
  }
  if (!goesOn) co_return goesOn;
  co_return co_await putGroup(state, kj::mv(read));
}

}  // namespace

Task<Expected<void>> moveSmallFiles(MoveState& state) {
  for (;;) {
    auto taken = co_await state.queue.takeGroup();
    if (taken.files.empty()) co_return {};
    auto files = co_await withoutUnchanged(state, std::move(taken.files));
    if (!files) co_return fail(std::move(files.error()));
    if (state.options.dryRun) {
      for (const Entry& file : *files) state.ledger.wouldMove(file);
    } else if (!files->empty()) {
      auto moved = co_await moveGroup(state, std::move(*files));
      if (!moved) co_return moved;
    }
  }
}

}  // namespace cbs::transfer
