#include "cli/nodes/ansible_groups.h"

#include "cli/nodes/ansible_ini.h"
#include "cli/nodes/ansible_vars.h"
#include "common/read_file.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr size_t kLargestInventory = size_t{64} << 20;
constexpr size_t kMostInventories = 1000;
constexpr int kDeepestFolder = 8;

bool endsInOneOf(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](auto ending) { return name.ends_with(ending); });
}

// INVENTORY_IGNORE_EXTS and the names that Ansible keeps for itself.
bool isPassedOver(std::string_view name) {
  return name.starts_with('.') || name == "group_vars" || name == "host_vars" || name == "vars_plugins" ||
         endsInOneOf(name, {".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".ini", ".cfg",
                            ".retry"});
}

// What a file is that is no INI, or "".
std::string otherFormat(const std::string& path, std::string_view text) {
  auto begin = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.starts_with("#!")) return "a program";
  if (endsInOneOf(path, {".json"}) || begin.starts_with('{')) return "JSON";
  if (endsInOneOf(path, {".yml", ".yaml"}) || begin.starts_with("---")) return "YAML";
  return "";
}

bool isFolderOfInventories(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class AnsibleGroups final : public NamedGroups {
 public:
  explicit AnsibleGroups(std::string path) : path_(std::move(path)) {}

  tl::expected<std::optional<std::string>, std::string> group(const std::string& name) override {
    return read().map([&](const AnsibleInventory* inventory) -> std::optional<std::string> {
      auto targets = inventory->targets(name);
      if (!targets) return std::nullopt;
      return joined(*targets);
    });
  }

  tl::expected<std::string, std::string> all() override {
    return read().map([](const AnsibleInventory* inventory) { return joined(*inventory->targets("all")); });
  }

  tl::expected<std::vector<std::string>, std::string> names() override {
    return read().map([](const AnsibleInventory* inventory) { return inventory->groupNames(); });
  }

 private:
  tl::expected<const AnsibleInventory*, std::string> read() {
    if (!asked_) {
      asked_ = true;
      problem_ = readAll();
    }
    if (!problem_.empty()) return tl::unexpected(problem_);
    return &inventory_;
  }

  // These give what is wrong, or "".
  std::string readAll() {
    if (auto problem = readPath(path_, 0); !problem.empty()) return problem;
    auto folder = isFolderOfInventories(path_) ? path_ : path_.substr(0, path_.rfind('/'));
    if (auto problem = readAnsibleVars(folder, inventory_); !problem.empty()) return problem;
    return inventory_.settle();
  }

  std::string readPath(const std::string& path, int depth) {
    if (isFolderOfInventories(path))
      return depth < kDeepestFolder ? readFolder(path, depth) : path + ": folders are too deep here";
    if (++files_ > kMostInventories) return path_ + ": these are more than 1000 files";
    auto text = readFile(path, kLargestInventory);
    if (!text) return text.error().detail;
    auto format = otherFormat(path, *text);
    if (format.empty()) return readAnsibleIni(path, *text, inventory_);
    return path + " is " + format +
           ", not INI. Next: have Ansible read it, in place of `ansible`: command = 'ansible -i " + path +
           " \"$GROUP\" --list-hosts | tail -n +2'";
  }

  std::string readFolder(const std::string& path, int depth) {
    std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(path.c_str()), closedir);
    if (open == nullptr) return "cannot read " + path + ": " + systemMessage(errno);
    std::vector<std::string> names;
    while (const dirent* entry = readdir(open.get())) {
      if (!isPassedOver(entry->d_name)) names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (auto problem = readPath(path + "/" + name, depth + 1); !problem.empty()) return problem;
    }
    return "";
  }

  const std::string path_;
  bool asked_ = false;
  std::string problem_;
  AnsibleInventory inventory_{path_};
  size_t files_ = 0;
};

}  // namespace

std::unique_ptr<NamedGroups> ansibleGroups(std::string path) {
  return std::make_unique<AnsibleGroups>(std::move(path));
}

}  // namespace cbs::cli
