// A file that nobody sees, and that goes with its descriptor.
#pragma once

#include "common/error.h"

#include <kj/io.h>

#include <string>

namespace cbs::cli {

// Open for reading and writing; null if it could not be made (errno).
kj::AutoCloseFd openUnnamedFile(const std::string& folder);

// What errno says of such a file in this folder, as transferFailed/noSpace or localIo (fact `localPath`: the folder).
Error unnamedFileError(const std::string& purpose, const std::string& folder, int error);

// $TMPDIR, or /tmp.
std::string temporaryFolder();

}  // namespace cbs::cli
