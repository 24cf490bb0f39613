// From a node set to its hosts.
#pragma once

#include "cli/nodes/group_source.h"
#include "cli/nodes/host_list.h"
#include "cli/nodes/node_words.h"

#include <unordered_map>

namespace cbs::cli {

// More hosts than this are no node set, but a mistake (schema maxFanOutTargets).
constexpr size_t kMostTargets = 250'000;

// Reads node sets as ClusterShell does, from left to right, but keeps the order in which hosts are named. A group is
// read once, however many name it. Errors are sentences without a full stop, which name the place.
class NodeReader {
 public:
  using Hosts = tl::expected<HostList, std::string>;

  explicit NodeReader(GroupSource& groups) : groups_(groups) {}

  // The hosts of a node set, which may be none, as of `a!a`. A plain target is a node set, too.
  Hosts read(std::string_view text);

  // The hosts of one group. `name` is taken as it is, whatever is in it.
  Hosts readGroup(const std::string& source, const std::string& name);

 private:
  using Read = tl::expected<HostList, NodeFault>;

  Read readWords(std::string_view text);
  Read readElement(std::string_view text);
  Read readPattern(std::string_view text);
  Read readWildcards(std::string_view text);
  Read readGroups(std::string_view text);
  Read readNamed(std::string source, const std::string& name);
  Read readAll(const std::string& source);
  Read readExpression(const std::string& label, std::string source, const std::string& expression);
  std::string unknownGroup(const std::string& source, const std::string& name);

  GroupSource& groups_;
  std::string source_;             // that the group being read comes from
  std::vector<std::string> path_;  // the groups being read, each named by the one before
  std::unordered_map<std::string, HostList> known_;
};

}  // namespace cbs::cli
