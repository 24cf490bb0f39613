#include "common/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace cbs {
namespace {

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMillisecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;
constexpr uint64_t kLongest = 1000 * kDay;
constexpr std::array kUnits = {Unit{"d", kDay}, Unit{"h", kHour}, Unit{"m", kMinute}, Unit{"s", kSecond},
                               Unit{"ms", kMillisecond}};

std::string_view takeWhile(std::string_view& rest, std::string_view characters) {
  auto length = std::min(rest.find_first_not_of(characters), rest.size());
  auto taken = rest.substr(0, length);
  rest.remove_prefix(length);
  return taken;
}

const Unit* unitNamed(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// The product of a decimal number such as "1.5" and a unit. Nothing if it is no number, or beyond the longest duration.
std::optional<uint64_t> multiply(std::string_view number, uint64_t unit) {
  uint64_t whole = 0;
  auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), whole);
  if (problem != std::errc() || whole > kLongest / unit) return std::nullopt;
  uint64_t result = whole * unit;
  std::string_view fraction(end, static_cast<size_t>(number.data() + number.size() - end));
  if (fraction.empty()) return result;
  if (fraction.size() < 2 || fraction[0] != '.') return std::nullopt;
  for (char digit : fraction.substr(1)) {
    if (digit == '.') return std::nullopt;
    unit /= 10;
    result += unit * static_cast<uint64_t>(digit - '0');
  }
  return result;
}

tl::unexpected<std::string> refuse(std::string_view text, std::string why) {
  return tl::unexpected("\"" + std::string(text) + "\" is not a duration: " + why + " (e.g. 500ms, 30s, 5m, 1h30m)");
}

std::string format(const char* pattern, double number) {
  char buffer[48];
  std::snprintf(buffer, sizeof(buffer), pattern, number);
  return buffer;
}

std::string pair(uint64_t nanoseconds, uint64_t large, const char* largeName, uint64_t small, const char* smallName) {
  uint64_t smalls = (nanoseconds + small / 2) / small;
  uint64_t perLarge = large / small;
  std::string result = std::to_string(smalls / perLarge) + largeName;
  if (smalls % perLarge != 0) result += " " + std::to_string(smalls % perLarge) + smallName;
  return result;
}

}  // namespace

tl::expected<kj::Duration, std::string> parseDuration(std::string_view text) {
  if (text.empty()) return refuse(text, "it is empty");
  std::string_view rest = text;
  uint64_t total = 0;
  uint64_t previousUnit = UINT64_MAX;
  while (!rest.empty()) {
    auto number = takeWhile(rest, "0123456789.");
    auto name = takeWhile(rest, "abcdefghijklmnopqrstuvwxyz");
    if (number.empty()) return refuse(text, "a number is missing");
    bool alone = number.size() == text.size();
    const Unit* unit = unitNamed(alone ? "s" : name);
    if (unit == nullptr) return refuse(text, name.empty() ? "a unit is missing" : "its units are d, h, m, s and ms");
    if (unit->nanoseconds >= previousUnit) return refuse(text, "units go from large to small");
    auto part = multiply(number, unit->nanoseconds);
    if (!part) return refuse(text, "it is no number, or more than 1000 days");
    total += *part;
    previousUnit = unit->nanoseconds;
  }
  if (total > kLongest) return refuse(text, "it is more than 1000 days");
  return static_cast<int64_t>(total) * kj::NANOSECONDS;
}

std::string durationText(kj::Duration duration) {
  auto signedNanoseconds = duration / kj::NANOSECONDS;
  uint64_t nanoseconds = signedNanoseconds > 0 ? static_cast<uint64_t>(signedNanoseconds) : 0;
  double milliseconds = static_cast<double>(nanoseconds) / kMillisecond;
  if (nanoseconds == 0) return "0 ms";
  if (milliseconds < 0.995) return format("%.2f ms", milliseconds);
  if (milliseconds < 9.95) return format("%.1f ms", milliseconds);
  if (milliseconds < 999.5) return format("%.0f ms", milliseconds);
  if (milliseconds < 59'950) return format("%.1f s", milliseconds / 1000);
  if (nanoseconds < kHour - kSecond / 2) return pair(nanoseconds, kMinute, " min", kSecond, " s");
  if (nanoseconds < kDay - kMinute / 2) return pair(nanoseconds, kHour, " h", kMinute, " min");
  return pair(nanoseconds, kDay, " d", kHour, " h");
}

std::string byteText(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double size = static_cast<double>(bytes) / 1024;
  std::string_view units = "KMGTPE";
  while (size >= 1023.95 && units.size() > 1) {
    size /= 1024;
    units.remove_prefix(1);
  }
  return format("%.1f ", size) + units[0] + "iB";
}

}  // namespace cbs
