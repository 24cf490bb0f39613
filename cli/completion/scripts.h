// What makes a shell ask `cbsession __complete`.
#pragma once

#include <string_view>

namespace cbs::cli {

// "" for a shell that is none of bash, zsh and fish.
std::string_view completionScript(std::string_view shell);

}  // namespace cbs::cli
