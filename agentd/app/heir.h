// The daemon that takes another one's place, until it has done so.
#pragma once

#include "agentd/app/handover.h"

#include <kj/async.h>

namespace cbs::app {

class Daemon;

class Heir {
 public:
  // Serves schema::Successor over `link`. The daemon outlives it.
  Heir(Loop loop, kj::AutoCloseFd link, Daemon& daemon);

  // Resolves when everything is ours: from now on the daemon is to serve. Fails when the other one has gone or will not
  // have us. To be asked for once.
  struct Taken {
    bool ownsSocket;
  };
  kj::Promise<Taken> whenTaken();

 private:
  class Server;

  kj::PromiseFulfillerPair<Taken> taken_ = kj::newPromiseAndFulfiller<Taken>();
  HandoverLink link_;
  kj::Promise<void> watch_;
};

}  // namespace cbs::app
