// Words on their way into a request.
#pragma once

#include <capnp/list.h>

#include <string>
#include <vector>

namespace cbs::cli {

// `to` has as many places as there are words.
inline void setTexts(capnp::List<capnp::Text>::Builder to, const std::vector<std::string>& words) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, words[i].c_str());
}

}  // namespace cbs::cli
