#include "common/nearest_word.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string>
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

// The optimal string alignment distance: the letters to insert, to delete or to exchange, and the pairs of neighbours
// to swap, as fingers do.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> beforeLast(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    beforeLast.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t exchanged = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, exchanged});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], beforeLast[j - 2] + 1);
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
