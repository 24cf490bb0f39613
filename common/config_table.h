// The description of each configuration value, from which loading, checking and `config show` are driven.
#pragma once

#include "common/config_value.h"

#include <vector>

namespace cbs {

// All values, bound to `config`, in the order of PRODUCT.md.
std::vector<ConfigValue> configTable(Config& config);

// The values that a section [host."PATTERNS"] may set, bound to it. Their keys are those without the section: the part
// behind the last dot of the key that they override.
std::vector<ConfigValue> hostTable(Config::Host& host);

// Whether a change of this value has no effect on a daemon that runs.
bool appliesAtStart(std::string_view key);

// The environment variable of a key: CBSESSION_ and the key in capitals, dots as underscores.
std::string environmentName(std::string_view key);

}  // namespace cbs
