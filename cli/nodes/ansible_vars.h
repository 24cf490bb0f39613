// Variables that stand in files beside an Ansible inventory.
#pragma once

#include "cli/nodes/ansible_inventory.h"

namespace cbs::cli {

// Takes the logins from group_vars/ and host_vars/ in `folder` for what an inventory has: simple YAML, in which a
// variable is a line of its own. Gives what is wrong, as "FILE:LINE: …", or "".
std::string readAnsibleVars(const std::string& folder, AnsibleInventory& inventory);

}  // namespace cbs::cli
