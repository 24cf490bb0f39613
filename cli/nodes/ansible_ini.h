// An Ansible inventory in its INI format.
#pragma once

#include "cli/nodes/ansible_inventory.h"

#include <string_view>

namespace cbs::cli {

// Adds what is in `text` to an inventory. Gives what is wrong with it, as "FILE:LINE: …", or "".
std::string readAnsibleIni(const std::string& file, std::string_view text, AnsibleInventory& inventory);

}  // namespace cbs::cli
