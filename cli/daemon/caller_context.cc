#include "cli/daemon/caller_context.h"

#include <cstdlib>

namespace cbs::cli {

void describeCaller(schema::CallerContext::Builder to) {
  if (const char* authSock = getenv("SSH_AUTH_SOCK")) to.setAuthSock(authSock);
}

}  // namespace cbs::cli
