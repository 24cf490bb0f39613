// Lets callers in at the daemon's socket.
#pragma once

#include "agentd/rpc/callers.h"
#include "common/local_socket.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/async-unix.h>

namespace cbs::rpc {

// Accepts as long as it exists. A caller who is neither the socket's owner nor root is sent away; while there is no
// room for another, or no descriptor for one, callers wait in the kernel's queue.
class Acceptor {
 public:
  // `listener` listens and is non-blocking. It stays the giver's, and outlives the acceptor.
  Acceptor(Loop loop, int listener, Callers& callers);

 private:
  Task<void> run();
  Task<void> acceptWhatIsThere();
  Task<void> waitOut(int error);
  void admit(kj::AutoCloseFd socket);
  void noteStranger(const LocalPeer& stranger);

  kj::Timer& timer_;
  int listener_;
  Callers& callers_;
  kj::UnixEventPort::FdObserver readable_;
  uint64_t strangers_ = 0;
  kj::Promise<void> accepting_;
};

}  // namespace cbs::rpc
