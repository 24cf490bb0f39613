// Who has connected to the daemon's socket.
#pragma once

#include "common/local_socket.h"

#include <string>

namespace cbs::rpc {

struct Caller {
  uid_t user;
  std::string key;  // who takes turns with whom: the user and the session of processes, such as a terminal or a service
};

// A process whose session cannot be told, as it has ended or is in another namespace, is known by its pid, and one
// without a pid by its user alone.
Caller callerOf(const LocalPeer& peer);

}  // namespace cbs::rpc
