// Where a node set makes no sense.
#pragma once

#include <string>

namespace cbs::cli {

// What is wrong with a target that is written as a node set, for a command that takes one host; "" if it is none.
// `argument` is what the command would have for each host, which is in $host.
std::string checkSingleHost(const std::string& command, const std::string& target, const std::string& argument);

}  // namespace cbs::cli
