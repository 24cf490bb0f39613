#include "cli/transfer/byte_rate.h"

#include <cctype>
#include <charconv>
#include <optional>

namespace cbs::cli {
namespace {

constexpr double kMost = 1e15;  // a petabyte a second: no limit at all

// The bytes of a unit; nothing if there is none of that name.
std::optional<uint64_t> unitNamed(std::string_view name) {
  if (name.empty()) return 1;
  constexpr std::string_view kLetters = "kmg";
  size_t power = kLetters.find(static_cast<char>(std::tolower(static_cast<unsigned char>(name[0]))));
  bool known = power != kLetters.npos && (name.size() == 1 || name.substr(1) == "iB");
  if (!known) return std::nullopt;
  return uint64_t{1} << (10 * (power + 1));
}

bool isDecimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == text.npos && text.find('.') == text.rfind('.') &&
         text.front() != '.' && text.back() != '.';
}

}  // namespace

tl::expected<uint64_t, std::string> parseByteRate(std::string_view text) {
  auto refuse = [&](const char* why) {
    return tl::unexpected("'" + std::string(text) + "' is not a rate: " + why +
                          " (e.g. 10M, 512k or 1.5GiB, each a second)");
  };
  std::string_view rest = text;
  if (rest.size() > 2 && rest.substr(rest.size() - 2) == "/s") rest.remove_suffix(2);
  size_t end = rest.find_first_not_of("0123456789.");
  std::string_view number = rest.substr(0, end);
  std::string_view name = end == rest.npos ? std::string_view() : rest.substr(end);
  if (!isDecimal(number)) return refuse("a number is missing");
  auto unit = unitNamed(name);
  if (!unit) return refuse("its units are k, M, G, KiB, MiB and GiB");
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  value *= static_cast<double>(*unit);
  if (value > kMost) return refuse("it is too large");
  if (value < 1) return refuse("it is less than a byte");
  return static_cast<uint64_t>(value);
}

}  // namespace cbs::cli
