#include "cli/nodes/single_host.h"

#include "cli/nodes/targets.h"

namespace cbs::cli {

std::string checkSingleHost(const std::string& command, const std::string& target, const std::string& argument) {
  if (!isNodeSet(target)) return "";
  std::string each = "for host in $(cbsession nodes -e '" + target + "'); do cbsession " + command + " " + argument;
  return "'" + target + "' stands for many hosts, and " + command + " takes one; for one after the other: " + each +
         "; done";
}

}  // namespace cbs::cli
