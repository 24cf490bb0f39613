#include "cli/nodes/number_range.h"

#include "cli/output/printable.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cbs::cli {
namespace {

constexpr size_t kShownRange = 40;

std::string_view withoutBlanks(std::string_view text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::optional<uint64_t> numberIn(std::string_view digits) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && digits.size() <= kMostDigits ? std::optional(number) : std::nullopt;
}

bool isPadded(std::string_view digits) { return digits.size() > 1 && digits[0] == '0'; }

tl::unexpected<std::string> wrongRange(const std::string& what, std::string_view found) {
  return tl::unexpected("expected " + what + ", not '" + shortened(printable(found), kShownRange) + "'");
}

tl::unexpected<std::string> noNumbers(std::string_view text) {
  bool long_ = text.size() > kMostDigits && text.find_first_not_of("0123456789-/ ") == text.npos;
  if (long_) return wrongRange("numbers of at most " + std::to_string(kMostDigits) + " digits", text);
  return wrongRange("a number or a range such as 1-9 or 01-20/2", text);
}

}  // namespace

size_t NumberRange::longest() const { return std::max(width, std::to_string(last).size()); }

void NumberRange::append(uint64_t place, std::string& to) const {
  char digits[kMostDigits + 3];
  auto end = std::to_chars(std::begin(digits), std::end(digits), first + place * step).ptr;
  auto length = static_cast<size_t>(end - digits);
  if (length < width) to.append(width - length, '0');
  to.append(digits, length);
}

tl::expected<NumberRange, std::string> parseNumberRange(std::string_view text) {
  text = withoutBlanks(text);
  auto ends = text, step = std::string_view("1");
  if (size_t slash = text.find('/'); slash != text.npos) {
    ends = withoutBlanks(text.substr(0, slash));
    step = withoutBlanks(text.substr(slash + 1));
  }
  size_t dash = ends.find('-');
  if (step != "1" && dash == ends.npos) return wrongRange("a range before the step", text);
  auto first = withoutBlanks(ends.substr(0, dash));
  auto last = dash == ends.npos ? first : withoutBlanks(ends.substr(dash + 1));
  auto from = numberIn(first), to = numberIn(last), by = numberIn(step);
  if (!from || !to || !by) return noNumbers(text);
  if (*by == 0) return wrongRange("a step of at least 1", text);
  if (*to < *from) return wrongRange("a range that does not run backwards", text);
  bool padded = isPadded(first) || isPadded(last);
  if (padded && first.size() != last.size()) return wrongRange("both ends of the range with as many digits", text);
  return NumberRange{*from, *to, *by, padded ? first.size() : 0};
}

}  // namespace cbs::cli
