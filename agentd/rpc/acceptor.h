// Lets callers in at the daemon's socket.
#pragma once

#include "agentd/rpc/access.h"
#include "agentd/rpc/callers.h"
#include "common/local_socket.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/async-unix.h>

namespace cbs::rpc {

// Accepts as long as it exists. Who may not use the daemon is told so if it is open to groups at all, else sent away
// without a word; while there is no room for another caller, or no descriptor for one, they wait in the kernel's queue.
class Acceptor {
 public:
  // `listener` listens and is non-blocking. It stays the giver's, and like the others outlives the acceptor.
  Acceptor(Loop loop, int listener, Access& access, Callers& callers);

 private:
  Task<void> run();
  Task<void> acceptWhatIsThere();
  Task<void> waitOut(int error);
  Task<void> admit(kj::AutoCloseFd socket);
  void noteStranger(const LocalPeer& stranger);

  kj::Timer& timer_;
  int listener_;
  Access& access_;
  Callers& callers_;
  kj::UnixEventPort::FdObserver readable_;
  uint64_t strangers_ = 0;
  kj::Promise<void> accepting_;
};

}  // namespace cbs::rpc
