#include "cli/fanout/xml_text.h"

#include "common/utf8.h"

namespace cbs::cli {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::string_view asciiInXml(char byte) {
  switch (byte) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '\t':
    case '\n':
      return {};
    case '\r':
      return "&#13;";
    default:
      return static_cast<unsigned char>(byte) < 0x20 ? kReplacement : std::string_view();
  }
}

// U+FFFE and U+FFFF.
bool isNoCharacter(std::string_view character) { return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf"; }

}  // namespace

std::string xmlText(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  while (!bytes.empty()) {
    size_t length = utf8Length(bytes);
    auto character = bytes.substr(0, length);
    auto instead = length == 1 ? asciiInXml(bytes[0]) : std::string_view();
    if (length == 0 || isNoCharacter(character)) instead = kReplacement;
    text += instead.empty() ? character : instead;
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

std::string xmlAttribute(std::string_view bytes) {
  std::string value;
  for (char byte : xmlText(bytes)) {
    if (byte == '\t' || byte == '\n') {
      value += byte == '\t' ? "&#9;" : "&#10;";
    } else {
      value += byte;
    }
  }
  return value;
}

}  // namespace cbs::cli
