#include "common/config_file.h"

#include "common/error.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <kj/io.h>

#include <algorithm>

namespace cbs {
namespace {

constexpr size_t kLargestFile = 1 << 20;
// Each table within another takes stack when it is freed, and dots that make tables fit on one line.
constexpr size_t kLongestLine = 4096;

ConfigFault wholeFile(const std::string& path, std::string text) { return {.file = path, .text = std::move(text)}; }

std::string_view typeName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

// A key as it stands in a file: in quotes unless it needs none.
std::string asKey(std::string_view key) {
  constexpr auto kBare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  bool isBare = !key.empty() && key.find_first_not_of(kBare) == key.npos;
  return isBare ? std::string(key) : "\"" + std::string(key) + "\"";
}

std::optional<std::vector<std::string>> textsOf(const toml::array& array) {
  std::vector<std::string> texts;
  for (const toml::node& element : array) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.as_string()->get());
  }
  return texts;
}

FileValue::Position begin(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

void collect(const toml::table& table, const std::string& prefix,
             const std::function<bool(std::string_view)>& isSection, std::vector<FileValue>& values) {
  for (auto& [key, node] : table) {
    std::string full = prefix + asKey(key.str());
    if (node.is_table() && isSection(full)) {
      collect(*node.as_table(), full + ".", isSection, values);
      continue;
    }
    FileValue value{.key = full, .type = typeName(node), .keyAt = begin(key.source()), .valueAt = begin(node.source())};
    if (auto number = node.as_integer()) value.number = number->get();
    if (auto text = node.as_string()) value.text = text->get();
    if (auto array = node.as_array()) value.texts = textsOf(*array);
    values.push_back(std::move(value));
  }
}

std::optional<ConfigFault> findLongLine(const std::string& file, std::string_view text) {
  uint32_t line = 1;
  for (size_t start = 0; start < text.size(); ++line) {
    size_t end = std::min(text.find('\n', start), text.size());
    if (end - start > kLongestLine) {
      return ConfigFault{.file = file, .line = line, .text = "the line is longer than 4096 bytes"};
    }
    start = end + 1;
  }
  return std::nullopt;
}

}  // namespace

tl::expected<std::optional<std::string>, ConfigFault> readConfigFile(const std::string& path) {
  auto refuse = [&](std::string text) { return tl::unexpected(wholeFile(path, std::move(text))); };
  int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (opened < 0) return refuse("cannot be read: " + systemMessage(errno));
  kj::AutoCloseFd fd(opened);
  struct stat status = {};
  if (fstat(fd, &status) < 0) return refuse("cannot be read: " + systemMessage(errno));
  if (S_ISDIR(status.st_mode)) return refuse("is a directory; a file is expected");
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) return refuse("is not a regular file");
  std::string text(kLargestFile + 1, '\0');
  size_t length = 0;
  while (length < text.size()) {
    ssize_t got = read(fd, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse("cannot be read: " + systemMessage(errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > kLargestFile) return refuse("is larger than 1 MiB: that is no configuration");
  text.resize(length);
  return text;
}

tl::expected<std::vector<FileValue>, ConfigFault> parseConfigText(
    const std::string& file, std::string_view text, const std::function<bool(std::string_view key)>& isSection) {
  if (auto fault = findLongLine(file, text)) return tl::unexpected(std::move(*fault));
  toml::parse_result result = toml::parse(text);
  if (!result) {
    auto position = begin(result.error().source());
    return tl::unexpected(ConfigFault{.file = file,
                                      .line = position.line,
                                      .column = position.column,
                                      .text = "not TOML: " + std::string(result.error().description())});
  }
  std::vector<FileValue> values;
  collect(result.table(), "", isSection, values);
  std::stable_sort(values.begin(), values.end(), [](auto& a, auto& b) { return a.keyAt.line < b.keyAt.line; });
  return values;
}

}  // namespace cbs
