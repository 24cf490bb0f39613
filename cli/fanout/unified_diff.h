// How two texts differ, told by the program diff.
#pragma once

#include "cli/fanout/console.h"
#include "cli/fanout/spool.h"
#include "common/loop.h"

#include <string>

namespace cbs::cli {

// One of the two, in a file without a name.
struct DiffSide {
  std::string label;
  kj::AutoCloseFd file;
};

// Whether there is such a program.
bool diffIsInstalled();

// Errors are as the spool's.
Expected<DiffSide> makeDiffSide(std::string label, const Spool& spool, const Spool::Text& text);

// Shows what makes `to` of `from`, as `diff -u` does. What takes longer than a minute is left out, and a line on
// standard error says so. Fails as Console::write does, or with `internal` if diff cannot be run.
Task<Expected<void>> showDiff(Loop loop, Console& console, schema::OutputStream stream, const DiffSide& from,
                              const DiffSide& to);

}  // namespace cbs::cli
