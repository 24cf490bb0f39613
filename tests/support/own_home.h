// A home folder of a test's own.
#pragma once

namespace cbs::test {

// Puts a folder in the place of the account's home folder, for this process and those that it starts; false, with
// errno, where the machine does not allow it. For a child between fork() and exec(): a process with threads cannot do
// it.
bool replaceHome(const char* folder);

}  // namespace cbs::test
