// Text on its way from a spool to a console.
#pragma once

#include "cli/fanout/console.h"
#include "cli/fanout/spool.h"

namespace cbs::cli {

// Writes all of it, whatever its size, as whole lines: a line feed is added where the last one is missing, and on a
// terminal, if there are escape sequences in it, what ends them. Fails as Console::write and Spool::read do.
Task<Expected<void>> showText(Console& console, schema::OutputStream stream, const Spool& spool,
                              const Spool::Text& text);

}  // namespace cbs::cli
