// Labels as they are typed: `name=value`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

struct TypedLabel {
  std::string name;
  std::string value;  // empty: none was given
};

// What may be in names and how long they are is for the daemon to judge. The error is a sentence about what was typed.
tl::expected<std::vector<TypedLabel>, std::string> readLabels(const std::vector<std::string>& typed);

void describeLabels(const std::vector<TypedLabel>& labels, capnp::List<schema::Label>::Builder to);

}  // namespace cbs::cli
