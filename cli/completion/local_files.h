// Files of this machine that a word may become the path of.
#pragma once

#include "cli/completion/candidate.h"

namespace cbs::cli {

// `typed` may begin with `~/`. Names that cannot be typed are left out.
std::vector<Candidate> localFiles(const std::string& typed, const std::string& home);

}  // namespace cbs::cli
