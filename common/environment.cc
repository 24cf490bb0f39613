#include "common/environment.h"

#include <pwd.h>
#include <unistd.h>

namespace cbs {

Environment processEnvironment() {
  Environment result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    auto equals = text.find('=');
    if (equals != text.npos) result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  if (lookUp(result, "HOME").empty()) {
    if (passwd* user = getpwuid(getuid())) result["HOME"] = user->pw_dir;
  }
  return result;
}

std::string_view lookUp(const Environment& environment, std::string_view name) {
  auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace cbs
