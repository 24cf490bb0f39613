// Where files go: a caller, or a host.
#pragma once

#include "agentd/transfer/entry.h"
#include "common/task.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbs::transfer {

// A large file that is being written, under a temporary name. Errors are of kind transferFailed. Dropped before its
// commit, nothing is done about what is there: leave() is to be called.
class Writer {
 public:
  virtual ~Writer() noexcept(false) = default;

  virtual size_t pieceSize() const = 0;  // as Reader's
  // How many bytes an earlier part has that is being gone on with; 0: there is none.
  virtual uint64_t kept() const = 0;
  // Writes all of `bytes`. Any number at once, in any order.
  virtual Task<Expected<void>> write(uint64_t offset, Bytes bytes) = 0;
  // As Reader's, of what has been written.
  virtual Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) = 0;
  // After all writes have ended: cuts it to `entry.size`, gives it mode and time, makes it durable if the options say
  // so, and puts it in its place.
  virtual Task<Expected<void>> commit(Entry entry) = 0;
  // Gives up. A part of at least kWorthKeeping bytes stays, and its path is the result; else nothing does ("").
  virtual Task<std::string> leave() = 0;

  static constexpr uint64_t kWorthKeeping = 1024 * 1024;
};

class Sink {
 public:
  // What is at an entry's place now.
  using Standing = Expected<std::optional<Entry>>;  // kind, size, mode, mtimeS, target; an error: nothing can go there

  virtual ~Sink() noexcept(false) = default;

  // Adds to an error what it is about: the absolute path of something at this side.
  virtual Error about(std::string place, Error error) const {
    return std::move(error).with("remotePath", std::move(place));
  }

  // To be called once, first: decides where everything goes. The result is that place, absolute.
  virtual Task<Expected<std::string>> begin(Roots roots) = 0;
  // Any number of calls at once, here and below. Every entry that is to be spared by deleteExtras must come by.
  virtual Task<std::vector<Standing>> look(std::vector<Entry> entries) = 0;
  // Makes folders and links (symbolic ones, and hard ones by sameAs), in that order. A folder that is there gets its
  // mode.
  virtual Task<std::vector<Expected<void>>> make(std::vector<Entry> entries) = 0;
  // Whole small files, at most 64, each in the place of what is there.
  virtual Task<std::vector<Expected<void>>> put(std::vector<SmallFile> files) = 0;
  virtual Task<Expected<kj::Own<Writer>>> create(Entry file) = 0;
  // SHA-256 (32 bytes each) of files that are there, in their order.
  virtual Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) = 0;
  // Gives folders their times and modes; if `complete` and the options say so, deletes what has not come by (with
  // dryRun only tells). Comes last, and does a part, some 1,000 entries: to be called again until it is `done`.
  struct Finished {
    std::vector<std::string> deleted;
    std::vector<PathError> errors;
    bool done = true;
  };
  virtual Task<Expected<Finished>> finish(bool complete) = 0;
};

}  // namespace cbs::transfer
