// Where files come from: a caller, or a host.
#pragma once

#include "agentd/transfer/entry.h"
#include "common/task.h"

#include <string>
#include <vector>

namespace cbs::transfer {

// A large file that is being read. Errors are of kind transferFailed.
class Reader {
 public:
  virtual ~Reader() noexcept(false) = default;

  // What one read should be large, in bytes.
  virtual size_t pieceSize() const = 0;
  // Reads `length` bytes; fewer only at the file's end. Any number at once.
  virtual Task<Expected<Bytes>> read(uint64_t offset, size_t length) = 0;
  // SHA-256 (32 bytes each) of ranges, in order. A range that goes beyond the file's end counts as far as that.
  virtual Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) = 0;
  // Fails if the file is not what it was when it was opened: shrunk, grown, written to.
  virtual Task<Expected<void>> checkUnchanged() = 0;
};

// An error of a method ends the transfer; one in a result is about that one file.
class Source {
 public:
  struct Batch {
    std::vector<Entry> entries;  // at most 1,000
    std::vector<PathError> errors;
    bool done = false;  // there are no more after these
  };

  virtual ~Source() noexcept(false) = default;

  // To be called once, first.
  virtual Task<Expected<Roots>> roots() = 0;
  // The next entries, a folder before what is in it. One call at a time; may bring none and not be done.
  virtual Task<Expected<Batch>> next() = 0;
  // The contents of at most 64 files of up to kSmallFile bytes, in their order. Any number of calls at once, here and
  // below.
  virtual Task<std::vector<Expected<Bytes>>> readWhole(std::vector<Entry> files) = 0;
  virtual Task<Expected<kj::Own<Reader>>> open(Entry file) = 0;
  // SHA-256 (32 bytes each) of whole files, in their order.
  virtual Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) = 0;
};

}  // namespace cbs::transfer
