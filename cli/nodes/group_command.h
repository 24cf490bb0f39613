// Groups that a command of the user's knows.
#pragma once

#include "cli/nodes/groups_file.h"
#include "cli/nodes/named_groups.h"

#include <memory>

namespace cbs::cli {

// Asks `command` of the spec, a line for sh, with the group's name in its environment as GROUP. What it prints are the
// hosts, a node set a word; a group without any is no group. `list` has the names, `all` all hosts. Each is asked once.
//
// Makes an event loop of its own while it waits for the answer, so none must be running.
std::unique_ptr<NamedGroups> commandGroups(SourceSpec spec);

}  // namespace cbs::cli
