#include "cli/fanout/utf8_pieces.h"

#include <algorithm>

namespace cbs::cli {
namespace {

// Of the character that begins so (RFC 3629); 1 for a byte that begins none.
size_t expectedLength(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 1;
}

}  // namespace

size_t unfinishedCharacter(std::string_view bytes) {
  constexpr size_t kMostUnfinished = 3;
  for (size_t length = 1; length <= std::min(kMostUnfinished, bytes.size()); ++length) {
    auto byte = static_cast<unsigned char>(bytes[bytes.size() - length]);
    bool continues = (byte & 0xc0) == 0x80;
    if (!continues) return expectedLength(byte) > length ? length : 0;
  }
  return 0;
}

std::string Utf8Pieces::next(std::string_view bytes) {
  std::string text = std::move(tail_);
  text += bytes;
  size_t whole = text.size() - unfinishedCharacter(text);
  tail_ = text.substr(whole);
  text.resize(whole);
  return text;
}

}  // namespace cbs::cli
