// Where the job keeper has commands started.
#pragma once

#include "common/error.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

#include <sys/types.h>

#include <string>

namespace cbs::queue {

class Launcher {
 public:
  struct Launched {
    schema::Command::Client command;
    // Resolves when the sink has got the outcome. Fails when whoever runs the command does not tell it any more.
    kj::Promise<void> told;
  };

  // What is to be started, and on whose behalf.
  struct Work {
    uid_t user;
    schema::ExecRequest::Reader request;
    schema::CallerContext::Reader context;
    uint64_t timeoutMs;   // from now on; 0: none
    kj::Duration queued;  // how long it has waited for its lane
    std::string id;       // of the job
    std::string caller;   // whose turns it took
  };

  // Starts a command. What it prints and what becomes of it goes to `output`, whose `starting` is asked before it is
  // sent. Fails if the target makes no sense (any more), and then nothing was sent. What `work` refers to must stay
  // until the task has ended.
  virtual Task<Expected<Launched>> launch(Work work, schema::OutputSink::Client output) = 0;

 protected:
  ~Launcher() = default;
};

}  // namespace cbs::queue
