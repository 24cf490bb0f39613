// Text that comes in pieces, cut anywhere, in pieces of whole characters.
#pragma once

#include <string>
#include <string_view>

namespace cbs::cli {

// How many bytes at the end of `bytes` may be the beginning of a character of UTF-8 whose rest is still to come.
size_t unfinishedCharacter(std::string_view bytes);

// Holds back what unfinishedCharacter says.
class Utf8Pieces {
 public:
  // What there is now; may be empty.
  std::string next(std::string_view bytes);
  // What has been held back, as nothing more comes.
  std::string rest() { return std::move(tail_); }

 private:
  std::string tail_;
};

}  // namespace cbs::cli
