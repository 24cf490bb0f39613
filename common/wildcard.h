// A pattern of `*`, `?`, `[…]` and `**`, matched byte by byte, whatever the locale.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

namespace cbs {

// `*`, `?` and `[…]` match no slash, `**` anything; a backslash takes the next byte as it is; a `[` that is not closed
// is one as it is. The time that a match takes grows with the length of the pattern times that of the path.
class Wildcard {
 public:
  explicit Wildcard(std::string_view pattern);

  bool matches(std::string_view path) const { return matchesFrom(path, false); }
  // Also the last few names of the path alone.
  bool matchesTail(std::string_view path) const { return matchesFrom(path, true); }

 private:
  struct Token {
    enum class Kind { ONE_OF, STAR, STARS } kind;
    std::bitset<256> bytes = {};  // of ONE_OF
  };

  bool matchesFrom(std::string_view path, bool anyName) const;
  void enter(std::vector<bool>& places, size_t place) const;
  void step(const std::vector<bool>& from, char byte, std::vector<bool>& to) const;

  std::vector<Token> tokens_;
};

}  // namespace cbs
