#include "agentd/transfer/ledger.h"

#include "agentd/transfer/decision.h"

#include <utility>

namespace cbs::transfer {
namespace {

using What = Event::What;

// What it adds to the totals: another name of a file has no bytes of its own.
uint64_t bytesOf(const Entry& entry) { return entry.kind == Kind::FILE && entry.sameAs.empty() ? entry.size : 0; }

}  // namespace

void Ledger::listed(const Entry& entry) {
  tally_.totalBytes += bytesOf(entry);
  if (entry.kind == Kind::FILE) ++tally_.totalEntries;
}

void Ledger::sent(uint64_t bytes) {
  tally_.bytes += bytes;
  tally_.sentBytes += bytes;
}

void Ledger::movedWhole(const Entry& file) {
  sent(file.size);
  moved({.path = file.path, .what = What::MOVED, .bytes = file.size});
}

void Ledger::moved(Event event) {
  ++tally_.entries;
  ++tally_.moved;
  listener_.tell(std::move(event));
}

void Ledger::wouldMove(const Entry& file) {
  tally_.bytes += file.size;
  moved({.path = file.path, .what = What::MOVED, .bytes = file.size});
}

void Ledger::made(const Entry& entry) {
  settle(entry);
  listener_.tell({.path = entry.path, .what = What::MADE});
}

void Ledger::unchanged(const Entry& entry) {
  settle(entry);
  tally_.bytes += bytesOf(entry);
  if (entry.kind == Kind::FILE) ++tally_.unchanged;
  listener_.tell({.path = entry.path, .what = What::UNCHANGED, .bytes = bytesOf(entry)});
}

void Ledger::skipped(const Entry& entry, Error error) {
  ++tally_.skipped;
  listener_.tell({.path = entry.path, .what = What::SKIPPED, .error = std::move(error)});
}

void Ledger::deleted(std::string path) {
  ++tally_.deleted;
  listener_.tell({.path = std::move(path), .what = What::DELETED});
}

Expected<void> Ledger::failed(const Entry& entry, Error error) {
  auto goesOn = failed(entry.path, std::move(error));
  if (!goesOn) return goesOn;
  settle(entry);
  if (entry.kind == Kind::FILE) failedFiles_.add(entry.path);
  return {};
}

Expected<void> Ledger::failed(std::string path, Error error) {
  if (endsTransfer(error)) return fail(std::move(error));
  ++tally_.failed;
  if (firstFailure_.kind == ErrorKind::NONE) firstFailure_ = error;
  listener_.tell({.path = std::move(path), .what = What::FAILED, .error = std::move(error)});
  return {};
}

void Ledger::failedWithFolder(const Entry& entry) {
  ++tally_.failed;
  settle(entry);
  if (entry.kind == Kind::FILE) failedFiles_.add(entry.path);
}

}  // namespace cbs::transfer
