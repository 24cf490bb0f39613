// Groups in ClusterShell's own files: a line `group: nodeset` each.
#pragma once

#include "cli/nodes/named_groups.h"
#include "common/environment.h"

#include <memory>
#include <vector>

namespace cbs::cli {

// `path` is a file, or a folder whose *.cfg count as one. What a group names without a source, as `@db`, is a group of
// this same source, as it is with ClusterShell.
std::unique_ptr<NamedGroups> clustershellGroups(std::string source, std::string path);

// What ClusterShell reads on this machine without further configuration.
struct ClusterShellFiles {
  struct Source {
    std::string name;  // of the file, without .cfg
    std::string path;
  };
  std::vector<Source> sources;
  std::vector<std::string> unread;  // its YAML files, which we do not read
};

// Those in `groups.d` of $CLUSTERSHELL_CFGDIR, the user's folders and ETC/clustershell; of two of a name the first.
ClusterShellFiles findClusterShellFiles(const Environment& environment, const std::string& etc);

}  // namespace cbs::cli
