#include "agentd/telemetry/log_text.h"

#include <algorithm>
#include <charconv>

namespace cbs::telemetry {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void appendNumber(std::string& to, int64_t number) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  to.append(digits, end);
}

// Milliseconds, below a hundred with up to three decimals.
void appendMilliseconds(std::string& to, int64_t us) {
  appendNumber(to, us / 1000);
  int64_t rest = us % 1000;
  if (rest == 0 || us >= 100'000) return;
  to += '.';
  for (int64_t unit = 100; unit > 0 && rest > 0; rest %= unit, unit /= 10) to += static_cast<char>('0' + rest / unit);
}

// How many bytes the character takes that begins there; 0: it is none in UTF-8.
size_t characterLength(std::string_view bytes) {
  auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                  : lead >= 0xe0 && lead < 0xf0 ? 3
                  : lead >= 0xf0 && lead < 0xf5 ? 4
                                                : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xc0) != 0x80) return 0;
  }
  auto second = static_cast<unsigned char>(bytes[1]);
  bool tooLong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  bool outside = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return tooLong || outside ? 0 : length;
}

// Of a terminal's: C0, DEL and C1.
bool isControl(std::string_view character) {
  auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead < 0x20 || lead == 0x7f;
  return lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

bool isOneWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; });
}

void appendHexBytes(std::string& to, std::string_view bytes) {
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    to += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  }
}

// The letter of a short escape that both forms have, or 0.
char escapeOf(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\t':
      return 't';
    case '\r':
      return 'r';
    case '"':
    case '\\':
      return c;
    default:
      return 0;
  }
}

void appendQuoted(std::string& to, std::string_view text) {
  to += '"';
  while (!text.empty()) {
    size_t length = characterLength(text);
    auto character = text.substr(0, std::max<size_t>(length, 1));
    if (char letter = escapeOf(text[0]); letter != 0) {
      to += {'\\', letter};
    } else if (length == 0 || isControl(character)) {
      appendHexBytes(to, character);
    } else {
      to += character;
    }
    text.remove_prefix(character.size());
  }
  to += '"';
}

void appendValue(std::string& to, const Field& field) {
  if (field.kind == Field::Kind::NUMBER) return appendNumber(to, field.number);
  if (field.kind == Field::Kind::TOOK) return appendMilliseconds(to, field.number);
  to += field.number != 0 ? "true" : "false";
}

}  // namespace

void appendText(std::string& to, const Field& field) {
  to += ' ';
  to += field.name;
  to += '=';
  if (field.kind != Field::Kind::TEXT) return appendValue(to, field);
  if (isOneWord(field.text)) {
    to += field.text;
  } else {
    appendQuoted(to, field.text);
  }
}

void appendJson(std::string& to, const Field& field) {
  if (!to.empty() && to.back() != '{') to += ',';
  appendJsonString(to, field.name);
  to += ':';
  if (field.kind != Field::Kind::TEXT) return appendValue(to, field);
  appendJsonString(to, field.text);
}

// What is no UTF-8 becomes U+FFFD.
void appendJsonString(std::string& to, std::string_view bytes) {
  to += '"';
  while (!bytes.empty()) {
    size_t length = characterLength(bytes);
    auto character = bytes.substr(0, std::max<size_t>(length, 1));
    if (char letter = escapeOf(bytes[0]); letter != 0) {
      to += {'\\', letter};
    } else if (length == 0) {
      to += "\xef\xbf\xbd";
    } else if (isControl(character)) {
      auto code = static_cast<unsigned char>(character.back());  // C1 has its code in the second byte
      to += {'\\', 'u', '0', '0', kHex[code >> 4], kHex[code & 15]};
    } else {
      to += character;
    }
    bytes.remove_prefix(character.size());
  }
  to += '"';
}

}  // namespace cbs::telemetry
