// What is told about the groups that there are.
#pragma once

#include "cli/nodes/node_reader.h"

namespace cbs::cli {

struct GroupHosts {
  GroupSource::Name name;
  std::string folded;
  size_t count = 0;
};

// @name, or @source:name.
std::string labelOfGroup(const GroupSource::Name& name);

// A name a line.
std::string groupsLines(const std::vector<GroupHosts>& groups);

// A table of names, counts and hosts.
std::string groupsTable(const std::vector<GroupHosts>& groups);

// For programs (schema GroupsReport).
std::string groupsJson(const std::vector<GroupHosts>& groups);

}  // namespace cbs::cli
