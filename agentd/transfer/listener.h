// What is told of a transfer while it goes on.
#pragma once

#include "common/error.h"

#include <kj/async.h>
#include <kj/time.h>

#include <cstdint>
#include <string>

namespace cbs::transfer {

// How far it has come, and what has become of how many.
struct Tally {
  uint64_t bytes = 0;       // in place or under way, those of unchanged files and of kept parts included
  uint64_t totalBytes = 0;  // of what is known so far
  uint64_t entries = 0;     // of which it is known what has become: only files count, here and below
  uint64_t totalEntries = 0;
  bool listed = false;     // the totals are complete
  uint64_t sentBytes = 0;  // that were moved
  uint64_t moved = 0;
  uint64_t unchanged = 0;
  uint64_t skipped = 0;
  uint64_t deleted = 0;  // whatever it was
  uint64_t failed = 0;   // whatever it was
  std::string current;   // the path of a file that moves now
};

struct Event {
  enum class What { MOVED, MADE, UNCHANGED, SKIPPED, DELETED, FAILED };
  std::string path;
  What what = What::MOVED;
  uint64_t bytes = 0;
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, "", {}};
  std::string sha256 = {};              // of both ends, 32 bytes, if it was verified
  kj::Duration took = 0 * kj::SECONDS;  // of a file that moved by itself
  uint64_t resumedBytes = 0;            // that an earlier part had and that were right
};

class Listener {
 public:
  // Takes note of it, at once.
  virtual void tell(Event event) = 0;
  // Resolves when there is room for more events.
  virtual kj::Promise<void> room() = 0;

 protected:
  ~Listener() = default;
};

}  // namespace cbs::transfer
