#include "tests/support/output_reader.h"

#include "tests/support/failure.h"

namespace cbs::test {

const std::string& OutputReader::until(std::string_view text, milliseconds deadline) {
  size_t searched = 0;
  for (;;) {
    if (text_.find(text, searched) != std::string::npos) return text_;
    searched = text_.size() - std::min(text_.size(), text.size());
    if (!waitReadable(fd_.get(), deadline)) fail("no '" + std::string(text) + "' in time, only: " + text_);
    if (!readSome()) fail("the output ended without '" + std::string(text) + "': " + text_);
  }
}

const std::string& OutputReader::toEnd(milliseconds deadline) {
  do {
    if (!waitReadable(fd_.get(), deadline)) fail("the output did not end in time: " + text_.substr(0, 1000));
  } while (readSome());
  return text_;
}

bool OutputReader::readSome() {
  char buffer[65536];
  ssize_t size = read(fd_.get(), buffer, sizeof(buffer));
  if (size <= 0) return false;  // a terminal whose other side is closed gives EIO
  text_.append(buffer, static_cast<size_t>(size));
  return true;
}

}  // namespace cbs::test
