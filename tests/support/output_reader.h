// Reads what a process prints, as it comes.
#pragma once

#include "tests/support/child_process.h"

#include <string>
#include <string_view>

namespace cbs::test {

class OutputReader {
 public:
  explicit OutputReader(UniqueFd fd) : fd_(std::move(fd)) {}

  // Reads until the text has come, and returns all that has been read so far. Throws at the end of the output and when
  // it takes too long.
  const std::string& until(std::string_view text, milliseconds deadline = kSoon);
  // Reads to the end and returns everything.
  const std::string& toEnd(milliseconds deadline = kSoon);

  // Reads what there is; false at the end. Blocks while there is nothing.
  bool readSome();
  const std::string& text() const { return text_; }
  int fd() const { return fd_.get(); }
  void close() { fd_.close(); }

 private:
  UniqueFd fd_;
  std::string text_;
};

}  // namespace cbs::test
