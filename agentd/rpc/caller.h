// Who has connected to the daemon's socket.
#pragma once

#include "common/local_socket.h"

#include <string>

namespace cbs::rpc {

struct Caller {
  uid_t user;
  std::string key;  // who takes turns with whom: the user and the session of processes, such as a terminal or a service
};

// Sessions begun outside of the daemon's pid namespace look like one, 0. A process that has ended is known by its pid,
// and one of another pid namespace, which has none here, by its user alone.
Caller callerOf(const LocalPeer& peer);

}  // namespace cbs::rpc
