// The names in a folder.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cbs::cli {

// Adds those that are `wanted`, but for `.` and `..`. False: see errno.
bool readNames(int folder, const std::function<bool(const std::string&)>& wanted, std::vector<std::string>& names);

}  // namespace cbs::cli
