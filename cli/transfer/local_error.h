// What goes wrong with files of this machine, as an error.
#pragma once

#include "common/error.h"

#include <string>

namespace cbs::cli {

// Of kind transferFailed, with the fact `localPath`; reason and words are those of errno. What is of another sort than
// it should be is in the way of something (alreadyExists).
Error localError(const std::string& path, int errorNumber);
Error localError(const std::string& path, Reason reason, std::string detail);

// What an entry gets that would leave the tree.
Error badPath(const std::string& path);

}  // namespace cbs::cli
