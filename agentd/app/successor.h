// The daemon that takes this one's place, as seen from here.
#pragma once

#include "agentd/app/handover.h"
#include "agentd/app/program.h"
#include "agentd/rpc/caller.h"
#include "common/child_process.h"
#include "common/error.h"
#include "common/task.h"

#include <memory>
#include <string>

namespace cbs::app {

class Successor {
 public:
  // What it gets; the descriptors stay this daemon's as well.
  struct Inheritance {
    int lock;
    int listener;
    bool ownsSocket;
    schema::Predecessor::Client predecessor;
  };

  // Starts the program and waits until it could serve, at most for `limit`; else it is ended. Fails with
  // usage/badConfig if it says that its configuration or its command line is wrong, with
  // agentUnreachable/autostartFailed else; the detail has its own words, if it has said any.
  static Task<Expected<std::unique_ptr<Successor>>> start(Loop loop, Program program, Inheritance inheritance,
                                                          kj::Duration limit);

  // Gives it the jobs, which it tells where their output goes. From now on it serves callers.
  Task<Expected<void>> takeOver(queue::ReleasedJobs& jobs);

  // It is no child to be ended with this daemon any more.
  void leaveRunning() { process_->leaveRunning(); }
  // Ends it at once.
  kj::Promise<void> kill() { return process_->kill(); }

  pid_t pid() const { return process_->pid(); }
  schema::Agent::Client agentFor(const rpc::Caller& caller);

 private:
  Successor(Loop loop, std::unique_ptr<ChildProcess> process, kj::AutoCloseFd link, kj::AutoCloseFd words);
  static Expected<std::unique_ptr<Successor>> launch(Loop loop, Program program, const Inheritance& inheritance);
  Task<Expected<void>> prepare(Inheritance inheritance);
  Task<Expected<void>> asked(Inheritance inheritance);
  Task<Error> whyEnded();

  Loop loop_;
  std::unique_ptr<ChildProcess> process_;
  HandoverLink link_;
  schema::Successor::Client client_;
  kj::Own<kj::AsyncInputStream> words_;
};

}  // namespace cbs::app
