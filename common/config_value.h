// One configuration value: its description, and its place in a Config.
#pragma once

#include "common/config_types.h"

#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace cbs {

// One value, bound to its place in a Config. What stands there in a new Config is its default.
struct ConfigValue {
  using Place = std::variant<uint32_t*, uint64_t*, std::string*, RejectionPolicy*, LogLevel*, LogFormat*>;
  struct Range {
    uint64_t low;
    uint64_t high;
  };
  // What is wrong with a text, or "".
  using TextCheck = std::string (*)(std::string_view text);

  std::string_view key;
  Place place;
  std::string_view help;
  Range range = {};                              // of an integer, ends included
  std::optional<uint64_t> scaling = {};          // what the profile "scaling" makes of it, if something else
  std::span<const std::string_view> words = {};  // the words it may be, for a choice
  TextCheck check = nullptr;                     // for any other string

  bool isInteger() const;
  std::string text() const;
  // Both give what is wrong, or "" if the value was taken.
  std::string set(int64_t number) const;
  std::string set(std::string_view text) const;
  // Makes an integer 0.
  void unset() const;
};

}  // namespace cbs
