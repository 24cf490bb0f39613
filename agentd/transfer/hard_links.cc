#include "agentd/transfer/hard_links.h"

#include <kj/debug.h>

#include <utility>

namespace cbs::transfer {
namespace {

constexpr size_t kInCall = 1000;

Error unmoved(const MoveState& state, const Entry& entry) {
  const bool certain = state.ledger.failedFiles().contains(entry.sameAs);
  std::string why = certain ? ", which was not moved" : ", which may not have been moved: too many files have failed";
  return {ErrorKind::TRANSFER_FAILED, Reason::UNSPECIFIED, "it is another name of " + entry.sameAs + why};
}

Task<Expected<void>> makeSome(MoveState& state, std::vector<Entry> entries) {
  auto results = co_await state.sink.make(entries);
  KJ_REQUIRE(results.size() == entries.size());
  Expected<void> goesOn;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (results[i]) {
      state.ledger.made(entries[i]);
    } else {
      keepFirst(goesOn, state.ledger.failed(entries[i], std::move(results[i].error())));
    }
  }
  co_return goesOn;
}

}  // namespace

Task<Expected<void>> makeHardLinks(MoveState& state) {
  std::vector<Entry> some;
  Expected<void> goesOn;
  auto held = std::exchange(state.hardLinks, {});
  for (Entry& entry : held) {
    if (state.ledger.failedFiles().mayContain(entry.sameAs)) {
      keepFirst(goesOn, state.ledger.failed(entry, unmoved(state, entry)));
    } else if (state.options.dryRun) {
      state.ledger.made(entry);
    } else {
      some.push_back(std::move(entry));
    }
    if (some.size() == kInCall) keepFirst(goesOn, co_await makeSome(state, std::exchange(some, {})));
    if (!goesOn) co_return goesOn;
  }
  if (some.empty()) co_return {};
  co_return co_await makeSome(state, std::move(some));
}

}  // namespace cbs::transfer
