// Who has connected to the daemon's socket.
#pragma once

#include "agentd/rpc/activity.h"
#include "common/local_socket.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::rpc {

struct Caller {
  uid_t user;
  std::string key;  // who takes turns with whom: the user and the session of processes, such as a terminal or a service
  pid_t pid = 0;    // 0: of another pid namespace
  std::vector<gid_t> groups = {};           // of a process of another user's; of our own they do not matter
  std::shared_ptr<Activity> activity = {};  // null: nobody watches it
};

// Sessions begun outside of the daemon's pid namespace look like one, 0. A process that has ended is known by its pid,
// and one of another pid namespace, which has none here, by its user alone.
Caller callerOf(const LocalPeer& peer);

}  // namespace cbs::rpc
