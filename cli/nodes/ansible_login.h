// How Ansible logs in on a host.
#pragma once

#include <string>
#include <string_view>

namespace cbs::cli {

// ansible_host, ansible_port and ansible_user, and their old names with `ssh_`. "" for what is not given.
struct AnsibleLogin {
  std::string address, port, user;

  bool empty() const { return address.empty() && port.empty() && user.empty(); }
  // What `other` has takes the place of what is here.
  void override(const AnsibleLogin& other);
  // Takes a variable, if it is one of these. Gives what is wrong with its value, or "".
  std::string take(std::string_view variable, const std::string& value);
  // `user@host:port` for a host of that name in the inventory.
  std::string target(const std::string& name) const;

  static bool has(std::string_view variable);
};

// Whether it can be a host in a target and in a node set.
bool isInventoryHost(std::string_view name);
bool isInventoryPort(std::string_view text);

}  // namespace cbs::cli
