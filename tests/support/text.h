// Looking into what a program printed.
#pragma once

#include <string>
#include <string_view>

namespace cbs::test {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// How often `part` is in it, also where the places overlap.
inline size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace cbs::test
