// "Did you mean …?"
#pragma once

#include <span>
#include <string_view>

namespace cbs {

// The candidate that differs from `word` in the fewest letters, if that are few enough for a slip (a third of its
// length, and one at least); "" if there is none. Two neighbours that are swapped count as one. Case and the characters
// `_` and `-` do not count, so that maxPoolSize finds max_pool_size. A dotted candidate also counts by what follows its
// last dot.
std::string_view nearestWord(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace cbs
