#include "cli/nodes/user_groups.h"

#include "cli/nodes/ansible_groups.h"
#include "cli/nodes/clustershell_groups.h"
#include "cli/nodes/group_command.h"
#include "cli/nodes/groups_file.h"
#include "common/config.h"
#include "common/config_file.h"
#include "common/nearest_word.h"
#include "common/paths.h"

#include <unistd.h>

#include <algorithm>

namespace cbs::cli {
namespace {

std::unique_ptr<NamedGroups> groupsOf(const SourceSpec& spec) {
  if (!spec.ansible.empty()) return ansibleGroups(spec.ansible);
  if (!spec.clustershell.empty()) return clustershellGroups(spec.name, spec.clustershell);
  return commandGroups(spec);
}

// A file that was asked for must be there.
tl::expected<std::optional<std::string>, std::string> groupsTextOf(const std::string& path, bool mustBe) {
  auto text = readConfigFile(path);
  if (!text) return tl::unexpected(faultText(text.error()));
  if (!*text && mustBe) return tl::unexpected(path + ": there is no such file. Next: look at CBSESSION_GROUPS");
  return std::move(*text);
}

}  // namespace

std::string UserGroups::open() {
  if (opened_) return problem_;
  opened_ = true;
  problem_ = openGroupsFile();
  openClusterShell();
  return problem_;
}

std::string UserGroups::openGroupsFile() {
  auto named = std::string(lookUp(world_.environment, "CBSESSION_GROUPS"));
  auto usual = userGroupsPath(world_.environment);
  auto paths = named.empty() ? std::vector{usual, world_.etc + "/cbsession/groups.toml"} : std::vector{named};
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    auto text = groupsTextOf(path, !named.empty());
    if (!text) return text.error();
    if (!*text) continue;
    auto file = readGroups(path, **text, std::string(lookUp(world_.environment, "HOME")));
    if (!file) return file.error();
    groups_ = std::move(file->groups);
    for (SourceSpec& spec : file->sources) {
      spec.timeoutMs = std::min(spec.timeoutMs, world_.longestCommandMs);
      sources_.push_back({spec.name, true, groupsOf(spec)});
    }
    return "";
  }
  return "";
}

// A source of the groups file takes the place of one of ClusterShell's of its name.
void UserGroups::openClusterShell() {
  auto files = findClusterShellFiles(world_.environment, world_.etc);
  for (const auto& file : files.sources) {
    if (!has(file.name)) sources_.push_back({file.name, false, clustershellGroups(file.name, file.path)});
  }
  unread_ = std::move(files.unread);
}

bool UserGroups::has(const std::string& name) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](auto& source) { return source.name == name; });
}

std::string UserGroups::unknownSource(const std::string& name) const {
  std::vector<std::string_view> names;
  for (const Source& source : sources_) names.push_back(source.name);
  auto near = nearestWord(name, names);
  std::string sentence = "there is no source of groups called " + name;
  if (!near.empty()) return sentence + "; did you mean " + std::string(near) + "?";
  for (size_t i = 0; i < names.size(); ++i) sentence += (i == 0 ? "; there are " : ", ") + std::string(names[i]);
  return names.empty() ? sentence + "; see cbsession-groups(5)" : sentence;
}

tl::expected<NamedGroups*, std::string> UserGroups::sourceOf(const std::string& name) const {
  for (const Source& source : sources_) {
    if (source.name == name) return source.groups.get();
  }
  return tl::unexpected(unknownSource(name));
}

// It may be in a file that is not read: then to say that it does not exist could be wrong.
tl::expected<std::optional<std::string>, std::string> UserGroups::nowhere(const std::string& name) const {
  if (unread_.empty()) return std::nullopt;
  return tl::unexpected("there is no group " + name + " in what is read, which " + unread_.front() +
                        " is not, as it is YAML. Next: have ClusterShell read it: see cbsession-groups(5)");
}

tl::expected<std::optional<std::string>, std::string> UserGroups::group(const std::string& source,
                                                                        const std::string& name) {
  if (auto problem = open(); !problem.empty()) return tl::unexpected(problem);
  if (!source.empty()) {
    return sourceOf(source).and_then([&](NamedGroups* groups) { return groups->group(name); });
  }
  for (const auto& [known, hosts] : groups_) {
    if (known == name) return hosts;
  }
  for (const Source& each : sources_) {
    auto found = each.groups->group(name);
    if (!found || *found) return found;
  }
  return nowhere(name);
}

tl::expected<std::string, std::string> UserGroups::all(const std::string& source) {
  if (auto problem = open(); !problem.empty()) return tl::unexpected(problem);
  if (source.empty()) return allOfAll();
  return sourceOf(source).and_then([](NamedGroups* groups) { return groups->all(); });
}

// ClusterShell's files count where there is no file of groups: a package may have put examples there.
tl::expected<std::string, std::string> UserGroups::allOfAll() const {
  std::vector<std::string> operands;
  for (const auto& [name, hosts] : groups_) operands.push_back("@" + name);
  bool own =
      !groups_.empty() || std::any_of(sources_.begin(), sources_.end(), [](auto& each) { return each.ofGroupsFile; });
  for (const Source& source : sources_) {
    if (source.ofGroupsFile == own) operands.push_back("@" + source.name + ":*");
  }
  if (operands.empty())
    return tl::unexpected<std::string>("there are no groups of hosts. Next: see cbsession-groups(5)");
  return joined(operands);
}

tl::expected<std::vector<GroupSource::Name>, std::string> UserGroups::names() {
  if (auto problem = open(); !problem.empty()) return tl::unexpected(problem);
  std::vector<Name> all;
  for (const auto& [name, hosts] : groups_) all.push_back({"", name});
  for (const Source& source : sources_) {
    auto names = source.groups->names();
    if (!names) return tl::unexpected(names.error());
    for (std::string& name : *names) all.push_back({source.name, std::move(name)});
  }
  return all;
}

std::vector<GroupSource::Name> UserGroups::readableNames() {
  open();
  std::vector<Name> all;
  for (const auto& [name, hosts] : groups_) all.push_back({"", name});
  for (const Source& source : sources_) {
    for (std::string& name : source.groups->names().value_or(std::vector<std::string>())) {
      all.push_back({source.name, std::move(name)});
    }
  }
  return all;
}

std::unique_ptr<GroupSource> makeUserGroups() {
  return std::make_unique<UserGroups>(UserGroups::World{.environment = processEnvironment()});
}

}  // namespace cbs::cli
