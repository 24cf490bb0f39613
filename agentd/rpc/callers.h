// Who is connected to the daemon's socket.
#pragma once

#include "agentd/rpc/door.h"
#include "common/loop.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

#include <kj/async-io.h>
#include <kj/function.h>

#include <list>

namespace cbs::rpc {

// Serves each caller on its own connection, which ends when the caller leaves or breaks the protocol, or has not said
// hello after ten seconds; with it ends what the caller has asked for. No caller's fault reaches another one.
class Callers : private kj::TaskSet::ErrorHandler {
 public:
  Callers(Loop loop, size_t limit, MakeAgent makeAgent);

  size_t count() const { return count_; }

  // Resolves when another caller would not be one too many. One may wait at a time.
  kj::Promise<void> whenRoom();

  // Serves a caller over a connected, non-blocking Unix socket.
  void welcome(kj::AutoCloseFd socket, Caller caller);

 private:
  Task<void> serve(kj::AutoCloseFd socket, Caller caller);
  void leave();
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  size_t limit_;
  MakeAgent makeAgent_;
  size_t count_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waitsForRoom_;
  kj::TaskSet connections_;
};

}  // namespace cbs::rpc
