// What the kernel says of a process.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace cbs::test {

size_t residentBytes(pid_t pid);
size_t openDescriptors(pid_t pid);
// The processor time that it has used, in milliseconds.
size_t cpuMilliseconds(pid_t pid);

}  // namespace cbs::test
