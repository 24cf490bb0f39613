// Files that are read as a whole.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <string>

namespace cbs {

// The bytes of a file. Fails with notFound if there is none, with overloaded/descriptorLimit when descriptors have run
// out (nothing is known about the file then), and with internal if it cannot be read, is no plain file or has more than
// `maxBytes`. Blocks.
Expected<std::string> readFile(const std::string& path, size_t maxBytes);

}  // namespace cbs
