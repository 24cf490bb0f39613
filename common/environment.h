// The process's environment as a value, so that what reads it can be tested without changing it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cbs {

using Environment = std::map<std::string, std::string, std::less<>>;

// This process's environment. HOME is taken from the user database if it is not set, as under cron.
Environment processEnvironment();

// The value of a variable, or "" if it is not set.
std::string_view lookUp(const Environment& environment, std::string_view name);

}  // namespace cbs
