#include "common/nearest_word.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace cbs {
namespace {

constexpr size_t kLongestWord = 256;  // whoever types more than this did not slip

std::string reduced(std::string_view word) {
  std::string result;
  for (char c : word) {
    if (c != '_' && c != '-') result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// Levenshtein's distance: the letters to insert, to delete or to exchange.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t exchanged = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
    }
  }
  return row.back();
}

std::string_view afterLastDot(std::string_view word) { return word.substr(word.rfind('.') + 1); }

}  // namespace

std::string_view nearestWord(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kLongestWord) return {};
  std::string wanted = reduced(word);
  std::string wantedEnd(afterLastDot(wanted));
  std::string_view nearest;
  size_t least = SIZE_MAX;
  auto consider = [&](std::string_view candidate, std::string_view typed, const std::string& meant) {
    size_t steps = distance(typed, meant);
    if (steps >= least || steps > std::max<size_t>(1, meant.size() / 3)) return;
    least = steps;
    nearest = candidate;
  };
  for (std::string_view candidate : candidates) {
    std::string full = reduced(candidate);
    consider(candidate, wanted, full);
    consider(candidate, wantedEnd, std::string(afterLastDot(full)));
  }
  return nearest;
}

}  // namespace cbs
