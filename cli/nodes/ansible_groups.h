// The groups of an Ansible inventory as a source.
#pragma once

#include "cli/nodes/named_groups.h"

#include <memory>

namespace cbs::cli {

// `path` is a file in INI format, or a folder of which Ansible's own choice is read: all files but hidden ones, those
// of other kinds (.ini, .cfg, .md, …). Variables in group_vars/ and host_vars/ beside them count.
std::unique_ptr<NamedGroups> ansibleGroups(std::string path);

}  // namespace cbs::cli
