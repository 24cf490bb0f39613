// A regular file of the caller's, by the descriptor that the caller passed.
//
// The loop does not wait for disks. A read takes what the page cache has (RWF_NOWAIT) and leaves the rest to a thread.
// A write goes to a thread, as the kernel makes writers wait when much of its cache is dirty; a thread costs some 40
// µs.
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <kj/array.h>
#include <kj/io.h>

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace cbs::transfer {

class LocalFile {
 public:
  enum class Use { READ, WRITE };

  // More at once make no disk faster.
  static constexpr unsigned kThreads = 16;

  // Takes a descriptor of its own for the file. Fails with transferFailed/localIo if `descriptor` is not open for that
  // use on a regular file. `threads` lets through how many of its threads there may be; a copy is as good.
  static Expected<LocalFile> adopt(Loop loop, Turnstile threads, int descriptor, Use use);

  // Reads `length` bytes, fewer only at the file's end. Fails with localIo.
  Task<Expected<kj::Array<kj::byte>>> read(uint64_t offset, size_t length) const;

  // Writes all of `bytes`. Fails with noSpace or localIo.
  Task<Expected<void>> write(uint64_t offset, kj::Array<kj::byte> bytes) const;

  // SHA-256 (32 bytes) of a range, as far as the file goes. Fails with localIo.
  Task<Expected<std::string>> digest(uint64_t offset, uint64_t length) const;

  // What tells whether the file was changed.
  struct Stamp {
    uint64_t size;
    int64_t changedNs;
    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp() const;

 private:
  LocalFile(Loop loop, Turnstile threads, kj::AutoCloseFd file)
      : loop_(loop), threads_(std::move(threads)), file_(std::make_shared<kj::AutoCloseFd>(kj::mv(file))) {}
  template <typename T>
  Task<T> onThread(std::function<T()> work) const;

  Loop loop_;
  mutable Turnstile threads_;
  std::shared_ptr<const kj::AutoCloseFd> file_;  // shared with threads, which may outlive this
};

}  // namespace cbs::transfer
