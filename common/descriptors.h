// What there is left of the descriptors that this process may open.
#pragma once

#include "common/error.h"

namespace cbs {

// Whether a system call failed because this process, or the machine, has no descriptor or memory left: nothing is known
// then about what it was to work on.
bool isShortage(int errorNumber);

// Succeeds if `count` more can be opened now; else fails with overloaded/descriptorLimit. Costs about 0.3 µs for each.
Expected<void> requireDescriptors(unsigned count);

}  // namespace cbs
