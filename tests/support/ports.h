// TCP on loopback, for servers that tests run.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/unique_fd.h"

#include <cstdint>
#include <string>

namespace cbs::test {

// A port that nobody listens on now. Another process may take it before the caller does: try again then.
uint16_t freePort(const std::string& address = "127.0.0.1");

// A socket bound to a free port of 127.0.0.1; listening if `backlog` is not negative.
UniqueFd boundSocket(int backlog);

// The port that a socket is bound to.
uint16_t portOf(int socket);

// A connection; throws when there is none within the deadline, trying again while it is refused.
UniqueFd connectTo(const std::string& address, uint16_t port, milliseconds deadline = kSoon);

}  // namespace cbs::test
