// Keeps the account of a transfer, and tells its listener what has become of each entry.
#pragma once

#include "agentd/transfer/entry.h"
#include "agentd/transfer/listener.h"
#include "agentd/transfer/path_set.h"

namespace cbs::transfer {

class Ledger {
 public:
  // `listener` outlives it.
  explicit Ledger(Listener& listener) : listener_(listener) {}

  // An entry has been listed, or all have.
  void listed(const Entry& entry);
  void listedAll() { tally_.listed = true; }
  // A file moves now.
  void moves(const std::string& path) { tally_.current = path; }
  // Bytes of a large file: moved; found in an earlier part; not in place after all, as the file failed.
  void sent(uint64_t bytes);
  void found(uint64_t bytes) { tally_.bytes += bytes; }
  void takeBack(uint64_t bytes) { tally_.bytes -= bytes; }

  // A small file is in its place; a large one is, whose bytes were counted one by one.
  void movedWhole(const Entry& file);
  void moved(Event event);
  // With dryRun: a file would be moved.
  void wouldMove(const Entry& file);
  void made(const Entry& entry);
  void unchanged(const Entry& entry);
  void skipped(const Entry& entry, Error error);
  void deleted(std::string path);
  // Fails with the error if that ends the transfer.
  Expected<void> failed(const Entry& entry, Error error);
  Expected<void> failed(std::string path, Error error);
  // Because a folder above it did, which was told.
  void failedWithFolder(const Entry& entry);

  const Tally& tally() const { return tally_; }
  const Error& firstFailure() const { return firstFailure_; }
  // Files that have failed.
  const PathSet& failedFiles() const { return failedFiles_; }

 private:
  void settle(const Entry& entry) { tally_.entries += entry.kind == Kind::FILE ? 1 : 0; }

  Listener& listener_;
  Tally tally_;
  Error firstFailure_{ErrorKind::NONE, Reason::UNSPECIFIED, "", {}};
  PathSet failedFiles_;
};

}  // namespace cbs::transfer
