#include "agentd/rpc/caller.h"

#include <unistd.h>

namespace cbs::rpc {

Caller callerOf(const LocalPeer& peer) {
  Caller caller{peer.uid, std::to_string(peer.uid), peer.pid};
  if (peer.pid <= 0) return caller;  // the kernel shows none of another pid namespace
  pid_t session = getsid(peer.pid);  // 0: begun outside of this pid namespace, as those of `docker exec` are
  caller.key += session >= 0 ? "/session " + std::to_string(session) : "/process " + std::to_string(peer.pid);
  return caller;
}

}  // namespace cbs::rpc
