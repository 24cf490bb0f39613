#include "cli/nodes/groups_file.h"

#include "cli/nodes/named_groups.h"
#include "common/config.h"
#include "common/config_file.h"
#include "common/nearest_word.h"
#include "common/paths.h"

#include <algorithm>
#include <array>

namespace cbs::cli {
namespace {

constexpr std::string_view kGroups = "groups.";
constexpr std::string_view kSources = "sources.";
constexpr int64_t kLongestCommandMs = 3'600'000;
constexpr std::array<std::string_view, 6> kSourceKeys = {"ansible", "clustershell", "command",
                                                         "list",    "all",          "timeout_ms"};

// A key that stands in quotes in the file.
std::string unquoted(std::string_view key) {
  bool quoted = key.size() > 1 && key.front() == '"';
  return std::string(quoted ? key.substr(1, key.size() - 2) : key);
}

// Whether a node set can name it.
bool isName(std::string_view name) {
  auto isOdd = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
  return !name.empty() && name.find_first_of(",!&^@:*?[]()\"'`$\\;|<>{}/#") == name.npos && name[0] != '-' &&
         std::none_of(name.begin(), name.end(), isOdd);
}

class GroupsReader {
 public:
  GroupsReader(const std::string& path, const std::string& home)
      : path_(path), folder_(path.substr(0, path.rfind('/') + 1)), home_(home) {}

  tl::expected<GroupsFile, std::string> read(const std::string& text) {
    auto isSection = [](std::string_view key) { return key == "groups" || key == "sources" || isSource(key); };
    auto values = parseConfigText(path_, text, isSection);
    if (!values) return tl::unexpected(faultText(values.error()));
    for (const FileValue& value : *values) take(value);
    checkSources();
    if (faults_.empty()) return std::move(file_);
    std::string sentences;
    for (const ConfigFault& fault : faults_) sentences += (sentences.empty() ? "" : "\n") + faultText(fault);
    return tl::unexpected(std::move(sentences));
  }

 private:
  struct Place {
    std::string key;
    FileValue::Position at;
  };

  static bool isSource(std::string_view key) {
    if (!key.starts_with(kSources)) return false;
    key.remove_prefix(kSources.size());
    bool quoted = key.starts_with('"') && key.find('"', 1) == key.size() - 1;
    return quoted || key.find('.') == key.npos;
  }

  void take(const FileValue& value) {
    if (value.key.starts_with(kGroups)) return takeGroup(value);
    size_t dot = value.key.rfind('.');
    if (dot != value.key.npos && isSource(value.key.substr(0, dot))) return takeOfSource(value, dot);
    bool isSection = value.key == "groups" || value.key == "sources" || isSource(value.key);
    if (isSection) return refuse(value, "expected a table, found " + std::string(value.type));
    fault(value.key, value.keyAt, "unknown key; there are [groups] and [sources.NAME]");
  }

  void takeGroup(const FileValue& value) {
    auto name = unquoted(std::string_view(value.key).substr(kGroups.size()));
    if (!isName(name)) return fault(value.key, value.keyAt, "no node set could name such a group");
    if (!value.text && !value.texts) {
      return refuse(value, "expected a string or an array of strings, found " + std::string(value.type));
    }
    auto hosts = value.text ? *value.text : joined(*value.texts);
    if (hosts.empty()) return refuse(value, "has no hosts");
    file_.groups.emplace_back(std::move(name), std::move(hosts));
  }

  void takeOfSource(const FileValue& value, size_t dot) {
    auto section = value.key.substr(0, dot);
    auto key = std::string_view(value.key).substr(dot + 1);
    SourceSpec& source = sourceOf(section, value.keyAt);
    if (key == "timeout_ms") return takeTimeout(value, source);
    std::string* text = placeOf(source, key);
    if (text == nullptr) return fault(value.key, value.keyAt, unknown(key));
    if (!value.text) return refuse(value, "expected a string, found " + std::string(value.type));
    if (value.text->empty()) return refuse(value, "is empty");
    bool isPath = text == &source.ansible || text == &source.clustershell;
    *text = isPath ? absolute(*value.text) : *value.text;
  }

  void takeTimeout(const FileValue& value, SourceSpec& source) {
    if (!value.number) return refuse(value, "expected an integer, found " + std::string(value.type));
    if (*value.number < 1 || *value.number > kLongestCommandMs) return refuse(value, "must be from 1 to 3600000");
    source.timeoutMs = static_cast<uint64_t>(*value.number);
  }

  static std::string* placeOf(SourceSpec& source, std::string_view key) {
    if (key == "ansible") return &source.ansible;
    if (key == "clustershell") return &source.clustershell;
    if (key == "command") return &source.command;
    if (key == "list") return &source.list;
    return key == "all" ? &source.all : nullptr;
  }

  SourceSpec& sourceOf(const std::string& section, FileValue::Position at) {
    auto name = unquoted(std::string_view(section).substr(kSources.size()));
    for (SourceSpec& known : file_.sources) {
      if (known.name == name) return known;
    }
    if (!isName(name)) fault(section, at, "no node set could name such a source");
    places_.push_back({section, at});
    return file_.sources.emplace_back(SourceSpec{.name = std::move(name)});
  }

  void checkSources() {
    for (size_t i = 0; i < file_.sources.size() && faults_.empty(); ++i) {
      const SourceSpec& source = file_.sources[i];
      auto given = int(!source.ansible.empty()) + int(!source.clustershell.empty()) + int(!source.command.empty());
      bool asks = !source.list.empty() || !source.all.empty();
      if (given != 1) fault(places_[i].key, places_[i].at, "needs one of ansible, clustershell and command");
      if (given == 1 && asks && source.command.empty()) {
        fault(places_[i].key, places_[i].at, "list and all go with command");
      }
    }
  }

  std::string absolute(const std::string& text) const {
    std::string path = expandHome(text, home_);
    return path.starts_with('/') ? path : folder_ + path;
  }

  static std::string unknown(std::string_view key) {
    auto near = nearestWord(key, kSourceKeys);
    if (!near.empty()) return "unknown key; did you mean " + std::string(near) + "?";
    return "unknown key; there are ansible, clustershell, command, list, all and timeout_ms";
  }

  void refuse(const FileValue& value, std::string text) { fault(value.key, value.valueAt, std::move(text)); }

  void fault(const std::string& key, FileValue::Position at, std::string text) {
    faults_.push_back({path_, at.line, at.column, key, std::move(text)});
  }

  const std::string& path_;
  const std::string folder_;
  const std::string& home_;
  GroupsFile file_;
  std::vector<Place> places_;  // of file_.sources[i]
  std::vector<ConfigFault> faults_;
};

}  // namespace

tl::expected<GroupsFile, std::string> readGroups(const std::string& path, const std::string& text,
                                                 const std::string& home) {
  return GroupsReader(path, home).read(text);
}

}  // namespace cbs::cli
