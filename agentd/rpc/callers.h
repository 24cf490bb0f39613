// Who is connected to the daemon's socket.
#pragma once

#include "agentd/rpc/access.h"
#include "agentd/rpc/activity.h"
#include "agentd/rpc/door.h"
#include "common/loop.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

#include <kj/async-io.h>
#include <kj/function.h>

#include <map>
#include <utility>

namespace cbs::rpc {

class CallerConnection;

// Serves each caller on its own connection, which ends when the caller leaves or breaks the protocol, or has not said
// hello after ten seconds; with it ends what the caller has asked for. No caller's fault reaches another one.
class Callers : private kj::TaskSet::ErrorHandler {
 public:
  Callers(Loop loop, size_t limit, MakeAgent makeAgent);

  size_t count() const { return count_; }

  // From now on callers who have had nothing under way for some time are sent away. Resolves when none is left. To be
  // called once.
  kj::Promise<void> retire();

  // Resolves when another caller would not be one too many. One may wait at a time.
  kj::Promise<void> whenRoom();

  // Serves a caller over a connected, non-blocking Unix socket. One who is not the owner is sent away if its user has a
  // quarter of all connections; of those who may do nothing there are sixteen at a time, for as long as it takes to
  // tell them.
  void welcome(kj::AutoCloseFd socket, Caller caller, Role role);

 private:
  using Guest = std::pair<Role, uid_t>;
  Task<void> serve(kj::AutoCloseFd socket, Caller caller, Role role);
  Task<void> untilUnused(std::shared_ptr<Activity> activity, const CallerConnection& connection);
  bool isOneTooMany(Guest guest) const;
  void leave(Guest guest);
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  size_t limit_;
  MakeAgent makeAgent_;
  size_t count_ = 0;
  std::map<Guest, size_t> guests_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waitsForRoom_;
  kj::PromiseFulfillerPair<void> retirePair_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> retired_ = retirePair_.promise.fork();
  kj::TaskSet connections_;
};

}  // namespace cbs::rpc
