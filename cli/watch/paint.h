// What a terminal is sent for a screen.
#pragma once

#include "cli/watch/line.h"

#include <string>
#include <vector>

namespace cbs::cli {

// Draws over whatever is there. No line feed, so that nothing can scroll.
std::string paint(const std::vector<Line>& lines, bool coloured);

// Of a terminal that was not drawn on before, and back: the alternate screen, no cursor, and long lines cut.
extern const char* const kEnterScreen;
extern const char* const kLeaveScreen;

}  // namespace cbs::cli
