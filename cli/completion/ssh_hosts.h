// The hosts that an ssh_config(5) names.
#pragma once

#include <string>
#include <vector>

namespace cbs::cli {

struct SshConfigFile {
  std::string path;
  std::string folder;  // what its Include lines are relative to
};

// The names after Host, but for patterns, in these files and in those that they include; sorted, each once. Files that
// cannot be read have none.
std::vector<std::string> hostsIn(const std::vector<SshConfigFile>& files, const std::string& home);

}  // namespace cbs::cli
