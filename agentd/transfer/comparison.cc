#include "agentd/transfer/comparison.h"

#include "agentd/transfer/decision.h"

#include <kj/debug.h>

#include <string>
#include <utility>

namespace cbs::transfer {
namespace {

using Digest = Expected<std::string>;

// Gives the files that differ. A file that the sink cannot read is replaced.
Expected<std::vector<Entry>> judge(MoveState& state, std::vector<Entry> files, const std::vector<Digest>& here,
                                   const std::vector<Digest>& there) {
  std::vector<Entry> differing;
  Expected<void> goesOn;
  for (size_t i = 0; i < files.size(); ++i) {
    if (!there[i] && endsTransfer(there[i].error())) {
      keepFirst(goesOn, fail(there[i].error()));
    } else if (!here[i]) {
      keepFirst(goesOn, state.ledger.failed(files[i], here[i].error()));
    } else if (there[i] && *here[i] == *there[i]) {
      state.ledger.unchanged(files[i]);
    } else if (!files[i].sameAs.empty()) {
      state.hardLinks.push_back(std::move(files[i]));
    } else {
      differing.push_back(std::move(files[i]));
    }
  }
  if (!goesOn) return fail(std::move(goesOn.error()));
  return differing;
}

}  // namespace

Task<Expected<std::vector<Entry>>> withoutUnchanged(MoveState& state, std::vector<QueuedFile> files) {
  std::vector<Entry> rest;
  std::vector<Entry> compared;
  for (auto& file : files) (file.compare ? compared : rest).push_back(std::move(file.entry));
  if (compared.empty()) co_return std::move(rest);

  auto source = state.source.digests(compared);
  auto sink = state.sink.digests(compared);
  auto here = co_await source;
  auto there = co_await sink;
  KJ_REQUIRE(here.size() == compared.size() && there.size() == compared.size());
  auto differing = judge(state, std::move(compared), here, there);
  if (!differing) co_return fail(std::move(differing.error()));
  for (auto& file : *differing) rest.push_back(std::move(file));
  co_return std::move(rest);
}

}  // namespace cbs::transfer
