// The settings of ssh_config in the text of `cbsession explain`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// A line for each setting that is not ssh's own default: keyword, value, and where it was decided. Files in the folder
// `home` are shown with `~`; empty: none are.
std::string settingsText(capnp::List<schema::Explanation::Setting>::Reader settings, std::string_view home);

}  // namespace cbs::cli
