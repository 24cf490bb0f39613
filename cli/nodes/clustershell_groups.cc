#include "cli/nodes/clustershell_groups.h"

#include "common/read_file.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr size_t kLargestClusterFile = size_t{16} << 20;
constexpr size_t kMostClusterFiles = 1000;

struct ClusterGroup {
  std::string name;
  std::string hosts;
};
using ClusterGroups = std::vector<ClusterGroup>;

std::string_view withoutSpaces(std::string_view text) {
  size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  size_t end = text.find_last_not_of(" \t\r");
  return text.substr(begin, end == text.npos ? 0 : end + 1 - begin);
}

// Gives unqualified groups their source: "@oss,@x:mds" becomes "@hpc:oss,@x:mds".
std::string qualified(std::string_view hosts, const std::string& source) {
  std::string text;
  for (size_t i = 0; i < hosts.size(); ++i) {
    text += hosts[i];
    bool atStart = i == 0 || std::string_view(",!&^@ ").find(hosts[i - 1]) != std::string_view::npos;
    if (hosts[i] != '@' || !atStart || hosts.substr(i + 1, 1) == "@") continue;
    auto name = hosts.substr(i + 1, hosts.find_first_of(",!&^", i) - i - 1);
    if (name.find(':') == name.npos) text += source + ":";
  }
  return text;
}

// The files in a folder whose names end so, in the order of their names.
std::vector<std::string> filesIn(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  while (open != nullptr && names.size() < kMostClusterFiles) {
    const dirent* entry = readdir(open.get());
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    if (name.ends_with(ending) && name[0] != '.') names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool isFolderOfGroups(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class ClusterShellGroups final : public NamedGroups {
 public:
  ClusterShellGroups(std::string source, std::string path) : source_(std::move(source)), path_(std::move(path)) {}

  tl::expected<std::optional<std::string>, std::string> group(const std::string& name) override {
    return read().map([&](const ClusterGroups* groups) -> std::optional<std::string> {
      for (const ClusterGroup& group : *groups) {
        if (group.name == name) return qualified(group.hosts, source_);
      }
      return std::nullopt;
    });
  }

  // The group `all`, if there is one.
  tl::expected<std::string, std::string> all() override {
    auto names = this->names();
    if (!names) return tl::unexpected(names.error());
    bool listed = std::find(names->begin(), names->end(), "all") != names->end();
    return unionOfGroups(source_, listed ? std::vector<std::string>{"all"} : *names);
  }

  tl::expected<std::vector<std::string>, std::string> names() override {
    return read().map([](const ClusterGroups* groups) {
      std::vector<std::string> names;
      for (const ClusterGroup& group : *groups) names.push_back(group.name);
      return names;
    });
  }

 private:
  tl::expected<const ClusterGroups*, std::string> read() {
    if (!read_) read_ = readAll();
    return read_->map([](const ClusterGroups& groups) { return &groups; });
  }

  tl::expected<ClusterGroups, std::string> readAll() const {
    ClusterGroups groups;
    if (!isFolderOfGroups(path_)) {
      if (auto problem = readInto(groups, path_); !problem.empty()) return tl::unexpected(problem);
      return groups;
    }
    for (const std::string& name : filesIn(path_, ".cfg")) {
      if (auto problem = readInto(groups, path_ + "/" + name); !problem.empty()) return tl::unexpected(problem);
    }
    return groups;
  }

  // Gives what is wrong, or "".
  static std::string readInto(ClusterGroups& groups, const std::string& file) {
    if (file.ends_with(".yaml") || file.ends_with(".yml")) {
      return file + " is YAML, which is not read. Next: have ClusterShell read it: command = 'nodeset -f \"@$GROUP\"'";
    }
    auto text = readFile(file, kLargestClusterFile);
    if (!text) return text.error().detail;
    size_t number = 1;
    for (std::string_view rest = *text; !rest.empty(); ++number) {
      size_t end = std::min(rest.find('\n'), rest.size());
      auto line = withoutSpaces(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty() || line[0] == '#') continue;
      size_t colon = line.find(':');
      if (colon == 0 || colon == line.npos) return file + ":" + std::to_string(number) + ": expected group: nodes";
      add(groups, std::string(withoutSpaces(line.substr(0, colon))), withoutSpaces(line.substr(colon + 1)));
    }
    return "";
  }

  // A group with two lines has the hosts of both.
  static void add(ClusterGroups& groups, std::string name, std::string_view hosts) {
    auto known = std::find_if(groups.begin(), groups.end(), [&](auto& group) { return group.name == name; });
    if (known == groups.end()) {
      groups.push_back({std::move(name), std::string(hosts)});
    } else {
      known->hosts.append(",").append(hosts);
    }
  }

  const std::string source_;
  const std::string path_;
  std::optional<tl::expected<ClusterGroups, std::string>> read_;
};

std::vector<std::string> clusterShellFolders(const Environment& environment, const std::string& etc) {
  std::vector<std::string> folders;
  auto add = [&](std::string_view parent, std::string_view rest) {
    if (parent.starts_with('/')) folders.push_back(std::string(parent).append(rest) + "/groups.d");
  };
  auto home = lookUp(environment, "HOME");
  auto xdg = lookUp(environment, "XDG_CONFIG_HOME");
  add(lookUp(environment, "CLUSTERSHELL_CFGDIR"), "");
  add(xdg.empty() ? home : xdg, xdg.empty() ? "/.config/clustershell" : "/clustershell");
  add(home, "/.local/etc/clustershell");
  add(etc, "/clustershell");
  return folders;
}

}  // namespace

std::unique_ptr<NamedGroups> clustershellGroups(std::string source, std::string path) {
  return std::make_unique<ClusterShellGroups>(std::move(source), std::move(path));
}

ClusterShellFiles findClusterShellFiles(const Environment& environment, const std::string& etc) {
  ClusterShellFiles files;
  for (const std::string& folder : clusterShellFolders(environment, etc)) {
    for (const std::string& name : filesIn(folder, ".cfg")) {
      auto stem = name.substr(0, name.size() - 4);
      bool known = std::any_of(files.sources.begin(), files.sources.end(), [&](auto& has) { return has.name == stem; });
      if (!known) files.sources.push_back({stem, folder + "/" + name});
    }
    for (const std::string& name : filesIn(folder, ".yaml")) files.unread.push_back(folder + "/" + name);
  }
  return files;
}

}  // namespace cbs::cli
