#include "cli/daemon/caller_context.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace cbs::cli {

void describeCaller(schema::CallerContext::Builder to) {
  if (const char* authSock = getenv("SSH_AUTH_SOCK")) to.setAuthSock(authSock);
  unsigned count = 0;
  while (environ[count] != nullptr) ++count;
  auto variables = to.initEnvironment(count);
  for (unsigned i = 0; i < count; ++i) {
    std::string_view entry = environ[i];
    auto name = entry.substr(0, entry.find('='));
    auto value = entry.substr(std::min(entry.size(), name.size() + 1));
    variables[i].setName(kj::arrayPtr(reinterpret_cast<const kj::byte*>(name.data()), name.size()));
    variables[i].setValue(kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  }
}

}  // namespace cbs::cli
