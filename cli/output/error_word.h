// What became of work that failed, in a word or two, for tables and summaries.
#pragma once

#include "common/error.h"

#include <string_view>

namespace cbs::cli {

// "unreachable", "timed out", …; "" for kinds that are faults of cbsession or of its use.
std::string_view wordOf(ErrorKind kind);

}  // namespace cbs::cli
