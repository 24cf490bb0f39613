#include "cli/nodes/ansible_inventory.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kDeepestChildren = 200;

}  // namespace

size_t AnsibleInventory::groupAt(const std::string& name) {
  auto [found, isNew] = groupIndex_.emplace(name, groups_.size());
  if (isNew) groups_.push_back({.name = name, .declared = isSpecial(name), .depth = name == "all" ? size_t{0} : 1});
  return found->second;
}

void AnsibleInventory::mention(size_t group, std::string sentence) {
  if (groups_[group].mentioned.empty()) groups_[group].mentioned = std::move(sentence);
}

void AnsibleInventory::addGroup(const std::string& name) { groups_[groupAt(name)].declared = true; }

void AnsibleInventory::addHost(const std::string& group, const std::string& host, const AnsibleLogin& login) {
  auto [found, isNew] = hostIndex_.emplace(host, hosts_.size());
  if (isNew) hosts_.push_back({.name = host});
  hosts_[found->second].own.override(login);
  hosts_[found->second].grouped |= !isSpecial(group);
  groups_[groupAt(group)].hosts.push_back(found->second);
}

void AnsibleInventory::addChild(const std::string& group, const std::string& child, const std::string& at) {
  size_t parent = groupAt(group), index = groupAt(child);
  groups_[parent].children.push_back(index);
  mention(index, at + ": [" + group + ":children] names " + child + ", which is no group");
}

void AnsibleInventory::addLogin(const std::string& group, const AnsibleLogin& login, const std::string& at) {
  size_t index = groupAt(group);
  groups_[index].login.override(login);
  mention(index, at + ": [" + group + ":vars] is about a group that is not there");
}

void AnsibleInventory::addFileLoginOfGroup(const std::string& group, const AnsibleLogin& login) {
  groups_[groupAt(group)].ofFile.override(login);
}

void AnsibleInventory::addFileLoginOfHost(const std::string& host, const AnsibleLogin& login) {
  hosts_[hostIndex_.at(host)].ofFile.override(login);
}

std::string AnsibleInventory::circle(const std::vector<size_t>& path, size_t again) const {
  std::string names;
  for (auto at = std::find(path.begin(), path.end(), again); at != path.end(); ++at) names += groups_[*at].name + " > ";
  return path_ + ": groups are children of each other in a circle: " + names + groups_[again].name;
}

// Puts the groups below `index` and itself into `order`, children first. Gives what is wrong, or "".
std::string AnsibleInventory::walk(size_t index, std::vector<size_t>& path, std::vector<size_t>& order) {
  if (groups_[index].walk == Group::DONE) return "";
  if (groups_[index].walk == Group::OPEN) return circle(path, index);
  if (path.size() >= kDeepestChildren) return path_ + ": groups are children of each other more than 200 deep";
  groups_[index].walk = Group::OPEN;
  path.push_back(index);
  for (size_t child : groups_[index].children) {
    if (auto problem = walk(child, path, order); !problem.empty()) return problem;
  }
  path.pop_back();
  groups_[index].walk = Group::DONE;
  order.push_back(index);
  return "";
}

// Those whose values count less come first: `all`, then parents before their children, then by name.
std::string AnsibleInventory::sortGroups(std::vector<size_t>& order) {
  std::vector<size_t> path;
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i].declared) return groups_[i].mentioned;
    if (auto problem = walk(i, path, order); !problem.empty()) return problem;
  }
  std::reverse(order.begin(), order.end());
  for (size_t parent : order) {
    for (size_t child : groups_[parent].children) {
      groups_[child].depth = std::max(groups_[child].depth, groups_[parent].depth + 1);
    }
  }
  auto rank = [&](size_t index) {
    return std::pair<size_t, const std::string&>(groups_[index].depth, groups_[index].name);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  return "";
}

// Gives hosts what their groups have. What comes later in `order` counts more.
void AnsibleInventory::inherit(const std::vector<size_t>& order, AnsibleLogin Group::*login) {
  for (size_t index : order) {
    const Group& group = groups_[index];
    if ((group.*login).empty()) continue;
    for (size_t host : isSpecial(group.name) ? hostsOf(group.name) : hostsOf(index)) {
      hosts_[host].login.override(group.*login);
    }
  }
}

std::string AnsibleInventory::settle() {
  std::vector<size_t> order;
  if (auto problem = sortGroups(order); !problem.empty()) return problem;
  inherit(order, &Group::login);
  inherit(order, &Group::ofFile);
  for (Host& host : hosts_) {
    host.login.override(host.own);
    host.login.override(host.ofFile);
  }
  return "";
}

// Its own first, then those of its children, level by level; each once.
std::vector<size_t> AnsibleInventory::hostsOf(size_t group) const {
  std::vector<bool> seen(hosts_.size()), visited(groups_.size());
  std::vector<size_t> found, rest = {group};
  visited[group] = true;
  for (size_t i = 0; i < rest.size(); ++i) {
    for (size_t host : groups_[rest[i]].hosts) {
      if (!seen[host]) found.push_back(host);
      seen[host] = true;
    }
    for (size_t child : groups_[rest[i]].children) {
      if (!visited[child]) rest.push_back(child);
      visited[child] = true;
    }
  }
  return found;
}

// Of `all` or `ungrouped`.
std::vector<size_t> AnsibleInventory::hostsOf(const std::string& special) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (special == "all" || !hosts_[i].grouped) found.push_back(i);
  }
  return found;
}

std::optional<std::vector<std::string>> AnsibleInventory::targets(const std::string& group) const {
  auto known = groupIndex_.find(group);
  if (known == groupIndex_.end() && !isSpecial(group)) return std::nullopt;
  std::vector<std::string> targets;
  for (size_t host : isSpecial(group) ? hostsOf(group) : hostsOf(known->second)) {
    targets.push_back(hosts_[host].login.target(hosts_[host].name));
  }
  return targets;
}

std::vector<std::string> AnsibleInventory::groupNames() const {
  std::vector<std::string> names = {"all", "ungrouped"};
  for (const Group& group : groups_) {
    if (!isSpecial(group.name)) names.push_back(group.name);
  }
  return names;
}

}  // namespace cbs::cli
