// The configuration file as text and as a list of values, before anything is known about what they mean.
#pragma once

#include "common/config_types.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cbs {

// One key and what stands behind it.
struct FileValue {
  struct Position {
    uint32_t line;
    uint32_t column;
  };
  std::string key;        // dotted; parts that need quotes have them
  std::string_view type;  // with its article: "an integer", "a table", …
  std::optional<int64_t> number = {};
  std::optional<std::string> text = {};
  std::optional<std::vector<std::string>> texts = {};  // of an array that has nothing but strings
  Position keyAt;
  Position valueAt;
};

// The bytes of a configuration file of at most 1 MiB, or what is wrong with the file as a whole. A file that is missing
// gives nothing.
tl::expected<std::optional<std::string>, ConfigFault> readConfigFile(const std::string& path);

// The values in a TOML text, in their order. Tables for which `isSection` is true are gone through, all others are
// values. TOML that cannot be read is one fault, as what follows it would be guesswork. `file` is for the faults.
tl::expected<std::vector<FileValue>, ConfigFault> parseConfigText(
    const std::string& file, std::string_view text, const std::function<bool(std::string_view key)>& isSection);

}  // namespace cbs
