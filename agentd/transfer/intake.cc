#include "agentd/transfer/intake.h"

#include "agentd/transfer/hard_links.h"

#include <kj/debug.h>

#include <utility>

namespace cbs::transfer {

using What = Decision::What;

Task<Expected<void>> Intake::run() {
  auto coming = state_.source.next();
  for (bool done = false; !done;) {
    co_await state_.listener.room();
    co_await state_.queue.room();
    auto batch = co_await coming;
    if (!batch) co_return fail(std::move(batch.error()));
    done = batch->done;
    if (!done) coming = state_.source.next();
    auto taken = note(*batch);
    if (taken) taken = co_await takeIn(std::move(batch->entries));
    if (taken && state_.hardLinks.size() > kHardLinksHeld) {
      co_await state_.queue.empty();
      taken = co_await makeHardLinks(state_);
    }
    if (!taken) co_return taken;
  }
  state_.queue.close();
  co_return {};
}

Expected<void> Intake::note(Source::Batch& batch) {
  for (const Entry& entry : batch.entries) state_.ledger.listed(entry);
  if (batch.done) state_.ledger.listedAll();
  for (auto& failure : batch.errors) {
    complete_ = false;
    auto goesOn = state_.ledger.failed(std::move(failure.path), std::move(failure.error));
    if (!goesOn) return goesOn;
  }
  return {};
}

// All entries are looked at, so that the sink spares them when it deletes what the source does not have.
Task<Expected<void>> Intake::takeIn(std::vector<Entry> entries) {
  if (entries.empty()) co_return {};
  auto standings = co_await state_.sink.look(entries);
  KJ_REQUIRE(standings.size() == entries.size());
  auto makings = sortFolders(entries, standings);
  if (!makings) co_return fail(std::move(makings.error()));
  auto made = co_await make(std::move(*makings));
  if (!made) co_return made;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].kind != Kind::FILE) continue;
    auto taken = takeFile(entries[i], standings[i]);
    if (!taken) co_return taken;
  }
  co_return {};
}

// Gives the folders and symbolic links that are to be made, and tells about whatever else is no file.
Expected<std::vector<Intake::Making>> Intake::sortFolders(const std::vector<Entry>& entries,
                                                          const std::vector<Sink::Standing>& standings) {
  std::vector<Making> makings;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    if (entry.kind == Kind::FILE) continue;
    if (blocked_.containsAbove(entry.path)) {
      state_.ledger.failedWithFolder(entry);
      continue;
    }
    Decision decision = decide(entry, standings[i], state_.options);
    if (decision.what == What::FAIL) {
      auto goesOn = failed(entry, placed(entry, std::move(decision.error)), false);
      if (!goesOn) return fail(std::move(goesOn.error()));
    } else if (decision.what == What::SKIP) {
      state_.ledger.skipped(entry, std::move(decision.error));
    } else if (decision.what == What::UNCHANGED) {
      state_.ledger.unchanged(entry);
    } else {
      makings.push_back({entry, decision.folderThere});
    }
  }
  return makings;
}

Task<Expected<void>> Intake::make(std::vector<Making> makings) {
  if (makings.empty()) co_return {};
  std::vector<Expected<void>> results(makings.size());
  if (!state_.options.dryRun) {
    std::vector<Entry> entries;
    entries.reserve(makings.size());
    for (const Making& making : makings) entries.push_back(making.entry);
    results = co_await state_.sink.make(std::move(entries));
    KJ_REQUIRE(results.size() == makings.size());
  }
  Expected<void> goesOn;
  for (size_t i = 0; i < makings.size(); ++i) keepFirst(goesOn, made(makings[i], std::move(results[i])));
  co_return goesOn;
}

Expected<void> Intake::made(const Making& making, Expected<void> result) {
  if (blocked_.containsAbove(making.entry.path)) {
    state_.ledger.failedWithFolder(making.entry);
    return {};
  }
  if (!result) return failed(making.entry, std::move(result.error()), making.there);
  making.there ? state_.ledger.unchanged(making.entry) : state_.ledger.made(making.entry);
  return {};
}

// Tells where that is, unless it does already.
Error Intake::placed(const Entry& entry, Error error) {
  if (!error.facts.empty() || endsTransfer(error)) return error;
  return state_.sink.about(placeOf(entry.path, state_.destination, state_.roots), std::move(error));
}

Expected<void> Intake::failed(const Entry& entry, Error error, bool folderThere) {
  if (entry.kind == Kind::DIRECTORY && !folderThere) blocked_.add(entry.path);
  return state_.ledger.failed(entry, std::move(error));
}

Expected<void> Intake::takeFile(const Entry& file, const Sink::Standing& standing) {
  if (blocked_.containsAbove(file.path)) {
    state_.ledger.failedWithFolder(file);
    return {};
  }
  Decision decision = decide(file, standing, state_.options);
  if (decision.what == What::FAIL) return failed(file, placed(file, std::move(decision.error)), false);
  if (decision.what == What::UNCHANGED) {
    state_.ledger.unchanged(file);
  } else if (decision.what == What::LINK) {
    state_.hardLinks.push_back(file);
  } else {
    queue(file, decision.what == What::COMPARE);
  }
  return {};
}

void Intake::queue(const Entry& file, bool compare) {
  bool small = file.size <= kSmallFile && !state_.options.verify;
  small ? state_.queue.addSmall({file, compare}) : state_.queue.addLarge({file, compare});
}

}  // namespace cbs::transfer
