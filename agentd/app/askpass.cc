#include "agentd/app/askpass.h"

#include <unistd.h>

#include <cstdlib>

namespace cbs::app {

bool isAskpass() { return std::getenv(kAskpassVariable) != nullptr; }

// Byte by byte, as what follows is for the next question.
int runAskpass() {
  char c = 0;
  while (read(STDIN_FILENO, &c, 1) == 1) {
    if (write(STDOUT_FILENO, &c, 1) != 1) return 1;
    if (c == '\n') return 0;
  }
  return 0;
}

}  // namespace cbs::app
