#include "common/config.h"

#include "common/config_file.h"
#include "common/config_table.h"
#include "common/nearest_word.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

namespace cbs {
namespace {

constexpr std::string_view kHost = "host";

// Fills one Config from its sources, in the order in which they win, and remembers where each value came from.
class Loader {
 public:
  explicit Loader(const ConfigSource& source) : source_(source), table_(configTable(config_)) {
    for (const ConfigValue& value : table_) {
      names_.push_back(value.key);
      for (auto dot = value.key.find('.'); dot != value.key.npos; dot = value.key.find('.', dot + 1)) {
        sections_.insert(value.key.substr(0, dot));
      }
      variables_.push_back(environmentName(value.key));
    }
    names_.insert(names_.end(), sections_.begin(), sections_.end());
    origins_.assign(table_.size(), {.text = "default"});
  }

  tl::expected<LoadedConfig, std::vector<ConfigFault>> load() {
    if (!source_.path.empty()) applyFile();
    applyEnvironment();
    applyCommandLine();
    applyProfile();
    checkPoolSizes();
    checkLogFiles();
    if (!faults_.empty()) return tl::unexpected(std::move(faults_));
    return LoadedConfig{config_, entries()};
  }

 private:
  // Where a value was found: in words, and as the beginning of a fault about it.
  struct Origin {
    std::string text;
    ConfigFault fault = {};
  };

  // `value` is a number or a text.
  template <typename T>
  void apply(size_t index, const T& value, Origin origin) {
    origin.fault.text = table_[index].set(value);
    if (!origin.fault.text.empty()) return faults_.push_back(std::move(origin.fault));
    origins_[index] = std::move(origin);
  }

  void applyFile() {
    auto text = readConfigFile(source_.path);
    if (!text) return faults_.push_back(std::move(text.error()));
    if (!*text) {
      if (source_.pathWasExplicit) faults_.push_back({.file = source_.path, .text = "there is no such file"});
      return;
    }
    auto isSection = [this](auto key) { return sections_.count(key) > 0 || key == kHost || !patternsOf(key).empty(); };
    auto values = parseConfigText(source_.path, **text, isSection);
    if (!values) return faults_.push_back(std::move(values.error()));
    for (const FileValue& value : *values) applyFileValue(value);
    std::stable_sort(faults_.begin(), faults_.end(), [](auto& a, auto& b) { return a.line < b.line; });
  }

  void applyFileValue(const FileValue& value) {
    Origin origin{source_.path + ":" + std::to_string(value.keyAt.line),
                  {.file = source_.path, .line = value.valueAt.line, .column = value.valueAt.column, .key = value.key}};
    auto dot = value.key.rfind('.');
    auto patterns = patternsOf(std::string_view(value.key).substr(0, dot));
    if (dot != value.key.npos && !patterns.empty()) return applyToHost(value, patterns, std::move(origin));
    size_t index = indexOf(value.key);
    if (index < table_.size() && value.number) return apply(index, *value.number, std::move(origin));
    if (index < table_.size() && value.text) return apply(index, std::string_view(*value.text), std::move(origin));
    ConfigFault fault = std::move(origin.fault);
    bool isSection = sections_.count(value.key) > 0;
    if (index < table_.size() || isSection) {
      std::string expected = isSection ? "a table" : table_[index].isInteger() ? "an integer" : "a string";
      fault.text = "expected " + expected + ", found " + std::string(value.type);
    } else {
      fault.line = value.keyAt.line;
      fault.column = value.keyAt.column;
      fault.text = unknown("unknown key", nearestWord(value.key, names_));
    }
    faults_.push_back(std::move(fault));
  }

  void applyToHost(const FileValue& value, std::string_view patterns, Origin origin) {
    auto& hosts = config_.hosts;
    auto host = std::find_if(hosts.begin(), hosts.end(), [&](auto& known) { return known.patterns == patterns; });
    if (host == hosts.end()) host = hosts.insert(host, Config::unsetHost(std::string(patterns)));
    auto table = hostTable(*host);
    auto name = std::string_view(value.key).substr(value.key.rfind('.') + 1);
    auto known = std::find_if(table.begin(), table.end(), [&](auto& each) { return each.key == name; });
    if (known == table.end()) {
      std::vector<std::string_view> names;
      for (const ConfigValue& each : table) names.push_back(each.key);
      origin.fault.text = unknown("unknown key for a host", nearestWord(name, names));
    } else {
      origin.fault.text =
          value.number ? known->set(*value.number) : "expected an integer, found " + std::string(value.type);
    }
    if (!origin.fault.text.empty()) return faults_.push_back(std::move(origin.fault));
    hostEntries_.push_back({value.key, known->text(), false, std::move(origin.text), std::string(known->help)});
  }

  // The patterns in the name of a host's section: host.web1, host."web*,db?"; "" if it is none.
  static std::string_view patternsOf(std::string_view section) {
    if (!section.starts_with(kHost) || section.size() < kHost.size() + 2 || section[kHost.size()] != '.') return {};
    auto patterns = section.substr(kHost.size() + 1);
    bool quoted = patterns.size() > 2 && patterns.front() == '"' && patterns.find('"', 1) == patterns.size() - 1;
    if (quoted) return patterns.substr(1, patterns.size() - 2);
    return patterns.find_first_of(".\"") == patterns.npos ? patterns : std::string_view();
  }

  void applyEnvironment() {
    for (size_t i = 0; i < table_.size(); ++i) {
      auto found = source_.environment.find(variables_[i]);
      if (found != source_.environment.end()) applyVariable(i, found->first, found->second);
    }
    for (auto& [name, value] : source_.environment) {
      if (meansConfig(name) && std::find(variables_.begin(), variables_.end(), name) == variables_.end()) {
        std::vector<std::string_view> known(variables_.begin(), variables_.end());
        faults_.push_back({.key = name, .text = unknown("unknown variable", nearestWord(name, known))});
      }
    }
  }

  // An empty variable is as good as none for an integer; a string may well be empty.
  void applyVariable(size_t index, const std::string& name, const std::string& text) {
    Origin origin{"environment " + name, {.key = name}};
    if (!table_[index].isInteger()) return apply(index, std::string_view(text), std::move(origin));
    if (text.empty()) return;
    int64_t number = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc() && end == text.data() + text.size()) return apply(index, number, std::move(origin));
    origin.fault.text = "expected an integer, found \"" + text + "\"";
    faults_.push_back(std::move(origin.fault));
  }

  void applyCommandLine() {
    if (source_.profileOverride.empty()) return;
    apply(indexOf("profile"), std::string_view(source_.profileOverride), Origin{"--profile", {.key = "--profile"}});
  }

  // The profile is known only after all sources were read, and changes what none of them has set.
  void applyProfile() {
    if (config_.profile != "scaling") return;
    for (size_t i = 0; i < table_.size(); ++i) {
      if (!table_[i].scaling || origins_[i].text != "default") continue;
      apply(i, static_cast<int64_t>(*table_[i].scaling), Origin{"profile scaling"});
    }
  }

  void checkPoolSizes() {
    auto& command = config_.command;
    if (command.corePoolSize <= command.maxPoolSize) return;
    const Origin& core = origins_[indexOf("session.command.core_pool_size")];
    const Origin& max = origins_[indexOf("session.command.max_pool_size")];
    ConfigFault fault = max.fault.key.empty() ? core.fault : max.fault;
    fault.text = "max_pool_size (" + std::to_string(command.maxPoolSize) + ", " + max.text +
                 ") is less than core_pool_size (" + std::to_string(command.corePoolSize) + ", " + core.text + ")";
    faults_.push_back(std::move(fault));
  }

  // Lines of both in one file would make it neither, and a log that is set aside would take the audit log's place.
  void checkLogFiles() {
    auto& log = config_.log;
    if (log.auditFile.empty() || !mayBeOf(log.file, log.auditFile)) return;
    const Origin& file = origins_[indexOf("log.file")];
    const Origin& audit = origins_[indexOf("log.audit_file")];
    ConfigFault fault = audit.fault;
    fault.text = "audit_file (" + log.auditFile + ", " + audit.text + ") is one of the files of the log (" + log.file +
                 ", " + file.text + ")";
    faults_.push_back(std::move(fault));
  }

  // Whether a path is that of a log, or of what is set aside of it (LogFile).
  static bool mayBeOf(const std::string& log, const std::string& path) {
    auto plain = std::filesystem::path(path).lexically_normal().string();
    auto prefix = std::filesystem::path(log).lexically_normal().string();
    if (log.empty() || !plain.starts_with(prefix)) return false;
    auto rest = std::string_view(plain).substr(prefix.size());
    return rest.empty() || (rest.size() > 1 && rest[0] == '.' && rest.find_first_not_of("0123456789", 1) == rest.npos);
  }

  std::vector<ConfigEntry> entries() const {
    std::vector<ConfigEntry> result;
    for (size_t i = 0; i < table_.size(); ++i) {
      const ConfigValue& value = table_[i];
      result.push_back(
          {std::string(value.key), value.text(), !value.isInteger(), origins_[i].text, std::string(value.help)});
    }
    result.insert(result.end(), hostEntries_.begin(), hostEntries_.end());
    return result;
  }

  // The place of a key in the table, or the table's size.
  size_t indexOf(std::string_view key) const {
    auto found = std::find_if(table_.begin(), table_.end(), [key](auto& value) { return value.key == key; });
    return static_cast<size_t>(found - table_.begin());
  }

  // True for a variable that begins as those of a section do.
  bool meansConfig(std::string_view name) const {
    return std::any_of(sections_.begin(), sections_.end(),
                       [name](auto section) { return name.starts_with(environmentName(section) + "_"); });
  }

  static std::string unknown(std::string what, std::string_view near) {
    if (near.empty()) return what + "; `cbsession config show` lists those there are";
    return what + "; did you mean " + std::string(near) + "?";
  }

  const ConfigSource& source_;
  Config config_;
  std::vector<ConfigValue> table_;
  std::vector<Origin> origins_;          // of table_[i]
  std::vector<std::string> variables_;   // of table_[i]
  std::set<std::string_view> sections_;  // "session", "session.ssh", …
  std::vector<std::string_view> names_;  // keys and sections
  std::vector<ConfigEntry> hostEntries_;
  std::vector<ConfigFault> faults_;
};

}  // namespace

std::string faultText(const ConfigFault& fault) {
  std::string place = fault.file;
  if (fault.line > 0) place += ":" + std::to_string(fault.line);
  if (fault.column > 0) place += ":" + std::to_string(fault.column);
  if (!place.empty()) place += ": ";
  if (!fault.key.empty()) place += fault.key + ": ";
  return place + fault.text;
}

std::vector<ConfigChange> changesBetween(const LoadedConfig& before, const LoadedConfig& after) {
  std::vector<ConfigChange> changes;
  auto valueIn = [](const LoadedConfig& config, const std::string& key) -> std::string {
    auto& entries = config.entries;
    auto found = std::find_if(entries.begin(), entries.end(), [&](auto& entry) { return entry.key == key; });
    return found == entries.end() ? "" : found->valueText;
  };
  auto note = [&](const std::string& key) {
    ConfigChange change{key, valueIn(before, key), valueIn(after, key), appliesAtStart(key)};
    if (change.before != change.after) changes.push_back(std::move(change));
  };
  for (const ConfigEntry& entry : after.entries) note(entry.key);
  for (const ConfigEntry& entry : before.entries) {
    if (entry.key.starts_with("host.") && valueIn(after, entry.key).empty()) note(entry.key);
  }
  return changes;
}

tl::expected<LoadedConfig, std::vector<ConfigFault>> loadConfig(const ConfigSource& source) {
  return Loader(source).load();
}

}  // namespace cbs
