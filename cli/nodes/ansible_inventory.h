// The hosts and groups of an Ansible inventory, whatever format they were in.
#pragma once

#include "cli/nodes/ansible_login.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cbs::cli {

// It is filled, then settled, then asked. `at` is a place in a file, for what settle() says.
class AnsibleInventory {
 public:
  // `path` is for what is wrong with it as a whole.
  explicit AnsibleInventory(std::string path) : path_(std::move(path)) {}

  void addGroup(const std::string& name);
  void addHost(const std::string& group, const std::string& host, const AnsibleLogin& login);
  void addChild(const std::string& group, const std::string& child, const std::string& at);
  void addLogin(const std::string& group, const AnsibleLogin& login, const std::string& at);
  bool hasGroup(const std::string& name) const { return isSpecial(name) || groupIndex_.count(name) > 0; }
  bool hasHost(const std::string& name) const { return hostIndex_.count(name) > 0; }
  // What stands in files of variables, which count more than what stands in an inventory.
  void addFileLoginOfGroup(const std::string& group, const AnsibleLogin& login);
  void addFileLoginOfHost(const std::string& host, const AnsibleLogin& login);
  size_t hostCount() const { return hosts_.size(); }

  // Finds each host's login. Gives what is wrong: a group that is spoken of and not there, a circle; else "".
  std::string settle();

  // The hosts' targets, as `user@host:port`, of what is known of each; nullopt if there is no such group. `all` and
  // `ungrouped` always are.
  std::optional<std::vector<std::string>> targets(const std::string& group) const;
  std::vector<std::string> groupNames() const;

 private:
  struct Host {
    std::string name;
    AnsibleLogin own, ofFile;
    AnsibleLogin login;  // with that of its groups
    bool grouped = false;
  };
  struct Group {
    std::string name;
    bool declared = false;  // else it is only spoken of
    std::string mentioned;  // where, and how: "hosts:7: [web:children] names db, which is no group"
    AnsibleLogin login, ofFile;
    std::vector<size_t> hosts = {};
    std::vector<size_t> children = {};
    size_t depth = 1;
    enum { NEW, OPEN, DONE } walk = NEW;
  };

  static bool isSpecial(const std::string& group) { return group == "all" || group == "ungrouped"; }
  size_t groupAt(const std::string& name);
  void mention(size_t group, std::string sentence);
  std::string walk(size_t group, std::vector<size_t>& path, std::vector<size_t>& order);
  std::string circle(const std::vector<size_t>& path, size_t again) const;
  std::string sortGroups(std::vector<size_t>& order);
  void inherit(const std::vector<size_t>& order, AnsibleLogin Group::*login);
  std::vector<size_t> hostsOf(size_t group) const;
  std::vector<size_t> hostsOf(const std::string& special) const;

  const std::string path_;
  std::vector<Host> hosts_;  // in the order in which they were first named
  std::map<std::string, size_t> hostIndex_;
  std::vector<Group> groups_;
  std::map<std::string, size_t> groupIndex_;
};

}  // namespace cbs::cli
