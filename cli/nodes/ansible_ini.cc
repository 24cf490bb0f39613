#include "cli/nodes/ansible_ini.h"

#include "cli/nodes/ansible_text.h"
#include "cli/nodes/targets.h"
#include "cli/output/printable.h"

#include <algorithm>

namespace cbs::cli {
namespace {

std::string_view stripped(std::string_view text) {
  size_t begin = std::min(text.find_first_not_of(" \t\r\v\f"), text.size());
  size_t end = text.find_last_not_of(" \t\r\v\f");
  return text.substr(begin, end == text.npos ? 0 : end + 1 - begin);
}

class IniReader {
 public:
  IniReader(const std::string& file, AnsibleInventory& inventory) : file_(file), inventory_(inventory) {}

  std::string read(std::string_view text) {
    while (!text.empty()) {
      size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      auto problem = readLine(stripped(text.substr(0, end)));
      if (!problem.empty()) return at() + ": " + problem;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return "";
  }

 private:
  enum class Section { HOSTS, CHILDREN, VARS };

  std::string at() const { return file_ + ":" + std::to_string(line_); }

  std::string readLine(std::string_view line) {
    if (line.empty() || line[0] == '#' || line[0] == ';') return "";
    if (isHeader(line)) return readHeader(line);
    if (section_ == Section::HOSTS) return readHost(line);
    return section_ == Section::VARS ? readVariable(line) : readChild(line);
  }

  // [web], [web:vars] # all of it. What begins with a bracket may also be a host: [0:3]web, [::1]:22.
  static bool isHeader(std::string_view line) {
    size_t close = line.find(']');
    if (line[0] != '[' || close == line.npos) return false;
    auto rest = stripped(line.substr(close + 1));
    return rest.empty() || rest[0] == '#';
  }

  std::string readHeader(std::string_view line) {
    auto title = line.substr(1, line.find(']') - 1);
    auto name = title.substr(0, title.find(':'));
    auto kind = name.size() < title.size() ? title.substr(name.size() + 1) : std::string_view();
    if (name.empty() || name.find_first_of(" \t") != name.npos) {
      return "a section is [group], [group:children] or [group:vars], without spaces";
    }
    if (!kind.empty() && kind != "children" && kind != "vars" && kind != "hosts") {
      return "a section [" + std::string(title) + "] is unknown; there are [group], [group:children] and [group:vars]";
    }
    group_ = name;
    section_ = kind == "vars" ? Section::VARS : kind == "children" ? Section::CHILDREN : Section::HOSTS;
    // Variables alone make no group.
    section_ == Section::VARS ? inventory_.addLogin(group_, {}, at()) : inventory_.addGroup(group_);
    return "";
  }

  std::string readHost(std::string_view line) {
    auto words = inventoryWords(line);
    if (!words) return words.error();
    if (words->empty()) return "";
    auto hosts = inventoryHosts(words->front(), kMostTargets);
    if (!hosts) return hosts.error();
    AnsibleLogin login{.port = hosts->port};
    if (!login.port.empty() && !isInventoryPort(login.port)) return "'" + words->front() + "' has no port at its end";
    for (size_t i = 1; i < words->size(); ++i) {
      const std::string& word = (*words)[i];
      size_t equals = word.find('=');
      if (equals == word.npos) return "expected name=value after the host, found '" + printable(word) + "'";
      auto value = inventoryValue(word.substr(equals + 1));
      if (auto problem = login.take(word.substr(0, equals), value); !problem.empty()) return problem;
    }
    return addHosts(hosts->names, login);
  }

  std::string addHosts(const std::vector<std::string>& names, const AnsibleLogin& login) {
    for (const std::string& name : names) {
      if (!isInventoryHost(name)) return "'" + printable(name) + "' is no name of a host";
      inventory_.addHost(group_, name, login);
    }
    if (inventory_.hostCount() <= kMostTargets) return "";
    return "these are more than " + std::to_string(kMostTargets) + " hosts";
  }

  std::string readChild(std::string_view line) {
    auto name = stripped(line.substr(0, line.find('#')));
    if (name.find_first_of(" \t:]") != name.npos)
      return "expected the name of a group, found '" + printable(line) + "'";
    inventory_.addChild(group_, std::string(name), at());
    return "";
  }

  std::string readVariable(std::string_view line) {
    size_t equals = line.find('=');
    if (equals == line.npos) return "expected name=value, found '" + printable(line) + "'";
    AnsibleLogin login;
    auto value = inventoryValue(stripped(line.substr(equals + 1)));
    auto problem = login.take(stripped(line.substr(0, equals)), value);
    inventory_.addLogin(group_, login, at());
    return problem;
  }

  const std::string& file_;
  AnsibleInventory& inventory_;
  size_t line_ = 0;
  std::string group_ = "ungrouped";
  Section section_ = Section::HOSTS;
};

}  // namespace

std::string readAnsibleIni(const std::string& file, std::string_view text, AnsibleInventory& inventory) {
  return IniReader(file, inventory).read(text);
}

}  // namespace cbs::cli
