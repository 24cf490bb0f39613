// The description of each configuration value, from which loading, checking and `config show` are driven.
#pragma once

#include "common/config_value.h"

#include <vector>

namespace cbs {

// All values, bound to `config`, in the order of PRODUCT.md.
std::vector<ConfigValue> configTable(Config& config);

// The environment variable of a key: CBSESSION_ and the key in capitals, dots as underscores.
std::string environmentName(std::string_view key);

}  // namespace cbs
