// What became of a host, in words without its name.
#pragma once

#include "cli/fanout/summary.h"
#include "cli/output/explain_error.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// With what is its alone, unlike outcomeText: addresses, the system's words.
inline std::string endMessage(const HostEnd& end, std::string_view target) {
  return end.error.kind == ErrorKind::NONE ? outcomeText(end) : explain(end.error, target).message;
}

}  // namespace cbs::cli
