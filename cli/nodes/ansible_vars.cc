#include "cli/nodes/ansible_vars.h"

#include "cli/nodes/ansible_text.h"
#include "common/read_file.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace cbs::cli {
namespace {

constexpr size_t kLargestVars = size_t{16} << 20;
constexpr std::string_view kVarsEndings[] = {"", ".yml", ".yaml", ".json"};  // in the order in which Ansible looks

bool isVarsFolder(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::vector<std::string> visibleNamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  const dirent* entry = open == nullptr ? nullptr : readdir(open.get());
  for (; entry != nullptr; entry = readdir(open.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The place of a name's ending among those, from the last.
size_t endingOf(std::string_view name) {
  size_t i = std::size(kVarsEndings) - 1;
  while (i > 0 && !name.ends_with(kVarsEndings[i])) --i;
  return i;
}

// A value of YAML without what is said behind it.
std::string yamlValue(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  size_t end = text.find_last_not_of(" \t\r");
  text = text.substr(0, end == text.npos ? 0 : end + 1);
  bool quoted = text.starts_with('"') || text.starts_with('\'');
  if (!quoted) text = text.substr(0, std::min({text.find(" #"), text.find("\t#"), text.size()}));
  return inventoryValue(text.substr(0, text.find_last_not_of(" \t") + 1));
}

// Takes what stands in the lines `ansible_user: me`. A file that is encrypted is passed over.
std::string readVarsFile(const std::string& path, AnsibleLogin& login) {
  auto text = readFile(path, kLargestVars);
  if (!text) return text.error().detail;
  size_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    auto key = line.substr(0, line.find_first_of(" \t:"));
    size_t colon = line.find_first_not_of(" \t", key.size());
    if (!AnsibleLogin::has(key) || colon == line.npos || line[colon] != ':') continue;
    auto problem = login.take(key, yamlValue(line.substr(colon + 1)));
    if (!problem.empty()) return path + ":" + std::to_string(number) + ": " + problem;
  }
  return "";
}

std::string readVars(const std::string& path, AnsibleLogin& login) {
  if (!isVarsFolder(path)) return readVarsFile(path, login);
  for (const std::string& name : visibleNamesIn(path)) {
    std::string file = path + "/" + name;
    bool other = isVarsFolder(file) || (endingOf(name) == 0 && name.find('.') != name.npos);
    if (other) continue;
    if (auto problem = readVarsFile(file, login); !problem.empty()) return problem;
  }
  return "";
}

// For each name that there are variables for, the file or folder that has them: of `web` and `web.yml` the first.
std::map<std::string, std::string> varsIn(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (size_t ending = 0; ending < std::size(kVarsEndings); ++ending) {
    for (const std::string& name : visibleNamesIn(folder)) {
      if (endingOf(name) == ending) found.emplace(name.substr(0, name.size() - kVarsEndings[ending].size()), name);
    }
  }
  return found;
}

}  // namespace

std::string readAnsibleVars(const std::string& folder, AnsibleInventory& inventory) {
  for (bool ofGroups : {true, false}) {
    std::string vars = folder + (ofGroups ? "/group_vars" : "/host_vars");
    for (const auto& [name, file] : varsIn(vars)) {
      if (ofGroups ? !inventory.hasGroup(name) : !inventory.hasHost(name)) continue;
      AnsibleLogin login;
      if (auto problem = readVars(vars + "/" + file, login); !problem.empty()) return problem;
      ofGroups ? inventory.addFileLoginOfGroup(name, login) : inventory.addFileLoginOfHost(name, login);
    }
  }
  return "";
}

}  // namespace cbs::cli
