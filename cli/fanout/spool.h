// Keeps what hosts print until it is shown: in memory up to a bound, and beyond that in a file without a name.
#pragma once

#include "cli/fanout/unnamed_file.h"
#include "common/error.h"

#include <kj/array.h>
#include <kj/io.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::cli {

class Spool {
 public:
  // Some text. It is its spool's: to be dropped before it goes, unless the spool goes first.
  class Text {
   public:
    uint64_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

   private:
    friend Spool;
    struct Extent {
      uint64_t start;  // in the text
      uint64_t offset;
      uint64_t length;
    };
    std::vector<Extent> written_;  // in the file
    std::string rest_;             // behind that
    uint64_t size_ = 0;
  };

  // `folder` is where the file is made once it is needed.
  explicit Spool(std::string folder = temporaryFolder(), size_t maxMemory = kMaxMemory)
      : folder_(std::move(folder)), maxMemory_(maxMemory) {}

  // Fails with transferFailed/noSpace or localIo (fact `localPath`: the folder). What was there before is still there
  // then.
  Expected<void> append(Text& text, kj::ArrayPtr<const kj::byte> bytes);

  // At most `length` bytes from `offset` on; fewer where it is convenient, but at least one unless that is the end.
  // Fails with transferFailed/localIo.
  Expected<std::string> read(const Text& text, uint64_t offset, size_t length) const;

  // Whether the bytes are the same. Fails as `read` does.
  Expected<bool> equal(const Text& one, const Text& other) const;

  // Empties it, and gives back what it has taken.
  void drop(Text& text);

  // How much is in the file, for tests.
  uint64_t bytesInFile() const { return inFile_; }

 private:
  static constexpr size_t kMaxMemory = size_t{32} << 20;

  Expected<void> write(Text& text);
  Error failure(int error) const;

  const std::string folder_;
  const size_t maxMemory_;
  kj::AutoCloseFd file_;
  uint64_t end_ = 0;     // of the file
  uint64_t inFile_ = 0;  // bytes of texts
  size_t inMemory_ = 0;
};

}  // namespace cbs::cli
