#include "common/utf8.h"

#include <algorithm>

namespace cbs {

size_t utf8Length(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  auto second = static_cast<unsigned char>(text[1]);
  bool tooSmall = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  bool tooLarge = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  bool whole = std::all_of(text.begin() + 1, text.begin() + size, continues);
  return whole && !tooSmall && !tooLarge ? size : 0;
}

std::string wellFormedUtf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    size_t size = utf8Length(text);
    result += size == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, size);
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return result;
}

}  // namespace cbs
