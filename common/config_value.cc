#include "common/config_value.h"

#include "common/nearest_word.h"

#include <type_traits>

namespace cbs {
namespace {

std::string quotedList(std::span<const std::string_view> words) {
  std::string result;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result.append("\"").append(words[i]).append("\"");
  }
  return result;
}

std::optional<size_t> indexOf(std::span<const std::string_view> words, std::string_view word) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return i;
  }
  return std::nullopt;
}

std::string unknownWord(std::span<const std::string_view> words, std::string_view word) {
  std::string text = "expected " + quotedList(words) + ", found \"" + std::string(word) + "\"";
  auto near = nearestWord(word, words);
  return near.empty() ? text : text + "; did you mean \"" + std::string(near) + "\"?";
}

template <typename T>
constexpr bool kIsInteger = std::is_integral_v<T>;

}  // namespace

bool ConfigValue::isInteger() const {
  return std::visit([]<typename T>(T*) { return kIsInteger<T>; }, place);
}

std::string ConfigValue::text() const {
  return std::visit(
      [this]<typename T>(T* value) -> std::string {
        if constexpr (kIsInteger<T>) {
          return std::to_string(*value);
        } else if constexpr (std::is_enum_v<T>) {
          return std::string(words[static_cast<size_t>(*value)]);
        } else {
          return *value;
        }
      },
      place);
}

void ConfigValue::unset() const {
  std::visit(
      []<typename T>(T* value) {
        if constexpr (kIsInteger<T>) *value = 0;
      },
      place);
}

std::string ConfigValue::set(int64_t number) const {
  if (!isInteger()) return "expected a string, found an integer";
  if (number < 0 || static_cast<uint64_t>(number) < range.low || static_cast<uint64_t>(number) > range.high) {
    return std::to_string(number) + " is out of range: expected " + std::to_string(range.low) + " to " +
           std::to_string(range.high);
  }
  std::visit(
      [number]<typename T>(T* value) {
        if constexpr (kIsInteger<T>) *value = static_cast<T>(number);
      },
      place);
  return {};
}

std::string ConfigValue::set(std::string_view text) const {
  if (isInteger()) return "expected an integer, found a string";
  if (!words.empty() && !indexOf(words, text)) return unknownWord(words, text);
  if (check != nullptr) {
    if (std::string problem = check(text); !problem.empty()) return problem + ", found \"" + std::string(text) + "\"";
  }
  std::visit(
      [this, text]<typename T>(T* value) {
        if constexpr (std::is_enum_v<T>) *value = static_cast<T>(*indexOf(words, text));
        if constexpr (std::is_same_v<T, std::string>) *value = text;
      },
      place);
  return {};
}

}  // namespace cbs
