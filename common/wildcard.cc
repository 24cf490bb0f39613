#include "common/wildcard.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

namespace cbs {
namespace {

using Bytes = std::bitset<256>;

size_t indexOf(char byte) { return static_cast<unsigned char>(byte); }

struct NamedClass {
  std::string_view name;
  int (*holds)(int);
};
constexpr NamedClass kClasses[] = {
    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
    {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
    {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
};

// Only ASCII, which is the same in every locale.
bool addClass(std::string_view name, Bytes& to) {
  for (const auto& known : kClasses) {
    if (known.name != name) continue;
    for (int byte = 0; byte < 0x80; ++byte) {
      if (known.holds(byte) != 0) to.set(static_cast<size_t>(byte));
    }
    return true;
  }
  return false;
}

// Takes `[:name:]` from the front of what is within brackets, if that is there.
bool takeClass(std::string_view& rest, Bytes& to) {
  if (!rest.starts_with("[:")) return false;
  size_t end = rest.find(":]", 2);
  if (end == std::string_view::npos || !addClass(rest.substr(2, end - 2), to)) return false;
  rest.remove_prefix(end + 2);
  return true;
}

// Takes one byte, which a backslash may stand before.
std::optional<char> takeByte(std::string_view& rest) {
  if (rest.size() > 1 && rest.front() == '\\') rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  char byte = rest.front();
  rest.remove_prefix(1);
  return byte;
}

bool takeRange(std::string_view& rest, Bytes& to) {
  auto first = takeByte(rest);
  if (!first) return false;
  auto last = first;
  if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
    rest.remove_prefix(1);
    last = takeByte(rest);
    if (!last) return false;
  }
  for (size_t byte = indexOf(*first); byte <= indexOf(*last); ++byte) to.set(byte);
  return true;
}

// Takes `[…]` from the front of a pattern; none if it is not closed.
std::optional<Bytes> takeBrackets(std::string_view& pattern) {
  std::string_view rest = pattern.substr(1);
  bool negated = rest.starts_with('!') || rest.starts_with('^');
  if (negated) rest.remove_prefix(1);
  Bytes bytes;
  for (bool first = true; first || !rest.starts_with(']'); first = false) {
    if (!takeClass(rest, bytes) && !takeRange(rest, bytes)) return std::nullopt;
  }
  pattern = rest.substr(1);
  if (negated) bytes.flip();
  return bytes;
}

Bytes anyButSlash() { return Bytes().set().reset(indexOf('/')); }

}  // namespace

Wildcard::Wildcard(std::string_view pattern) {
  tokens_.reserve(pattern.size());
  while (!pattern.empty()) {
    if (pattern.front() == '*') {
      size_t stars = std::min(pattern.find_first_not_of('*'), pattern.size());
      tokens_.push_back({stars > 1 ? Token::Kind::STARS : Token::Kind::STAR});
      pattern.remove_prefix(stars);
      continue;
    }
    Bytes bytes;
    if (pattern.front() == '?') {
      bytes = anyButSlash();
      pattern.remove_prefix(1);
    } else if (auto brackets = pattern.front() == '[' ? takeBrackets(pattern) : std::nullopt) {
      bytes = *brackets & anyButSlash();
    } else {
      bytes.set(indexOf(*takeByte(pattern)));
    }
    tokens_.push_back({Token::Kind::ONE_OF, bytes});
  }
}

// All places in the pattern at which a match may be are followed side by side.
bool Wildcard::matchesFrom(std::string_view path, bool anyName) const {
  std::vector<bool> places(tokens_.size() + 1);
  std::vector<bool> next(tokens_.size() + 1);
  enter(places, 0);
  for (char byte : path) {
    std::fill(next.begin(), next.end(), false);
    step(places, byte, next);
    if (anyName && byte == '/') enter(next, 0);
    places.swap(next);
  }
  return places.back();
}

// Stars match nothing, too.
void Wildcard::enter(std::vector<bool>& places, size_t place) const {
  places[place] = true;
  for (; place < tokens_.size() && tokens_[place].kind != Token::Kind::ONE_OF; ++place) places[place + 1] = true;
}

void Wildcard::step(const std::vector<bool>& from, char byte, std::vector<bool>& to) const {
  for (size_t place = 0; place < tokens_.size(); ++place) {
    if (!from[place]) continue;
    const Token& token = tokens_[place];
    if (token.kind == Token::Kind::ONE_OF) {
      if (token.bytes[indexOf(byte)]) enter(to, place + 1);
    } else if (token.kind == Token::Kind::STARS || byte != '/') {
      enter(to, place);
    }
  }
}

}  // namespace cbs
