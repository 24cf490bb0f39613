// Numbers in the brackets of a node set: 7, 01-20, 1-9/2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace cbs::cli {

// So that each number, and how many there are, fits in 64 bits.
constexpr size_t kMostDigits = 18;

struct NumberRange {
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t step = 1;
  size_t width = 0;  // zeros are put before shorter ones; 0: none

  uint64_t count() const { return (last - first) / step + 1; }
  size_t longest() const;
  // Puts the number at that place, from 0, behind what is in `to`.
  void append(uint64_t place, std::string& to) const;
};

// Zeros before a number count: `01-20` are two digits each, and its ends must be of the same length. Blanks round the
// numbers do not count. The error says what was expected.
tl::expected<NumberRange, std::string> parseNumberRange(std::string_view text);

}  // namespace cbs::cli
