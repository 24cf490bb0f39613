#include "cli/watch/watch_options.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace cbs::cli {

bool outputIsScreen() {
  const char* type = getenv("TERM");
  return isatty(STDOUT_FILENO) && type != nullptr && *type != '\0' && std::string_view(type) != "dumb";
}

bool coloursWanted() {
  const char* none = getenv("NO_COLOR");
  return none == nullptr || *none == '\0';
}

}  // namespace cbs::cli
