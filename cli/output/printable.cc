#include "cli/output/printable.h"

#include "cli/output/text_or_base64.h"

namespace cbs::cli {
namespace {

constexpr size_t kLongestCharacter = 4;  // RFC 3629

bool isContinuation(char c) { return (c & 0xc0) == 0x80; }

// The bytes of the character that `text` begins with; 0 if it is none.
size_t lengthOfCharacter(std::string_view text) {
  if (!isContinuation(text[0]) && (text[0] & 0x80) == 0) return 1;
  size_t length = 1;
  while (length < text.size() && length < kLongestCharacter && isContinuation(text[length])) ++length;
  return isUtf8(text.substr(0, length)) ? length : 0;
}

// C0, DEL, and C1, which is two bytes in UTF-8.
bool isControl(std::string_view character) {
  auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return character.size() == 2 && first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    size_t length = lengthOfCharacter(text);
    auto character = text.substr(0, length);
    if (length == 0 || isControl(character)) {
      safe += text[0] == '\n' || text[0] == '\t' ? ' ' : '?';
    } else {
      safe += character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  safe.erase(safe.find_last_not_of(' ') + 1);
  return safe;
}

std::string shortened(const std::string& text, size_t characters) {
  constexpr size_t kDots = 3;
  size_t count = 0, cut = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    if (isContinuation(text[i])) continue;
    if (count + kDots == characters) cut = i;
    ++count;
  }
  if (count <= characters) return text;
  return characters < kDots ? std::string(characters, '.') : text.substr(0, cut) + "...";
}

}  // namespace cbs::cli
