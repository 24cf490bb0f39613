// A job whose command runs, on its way from one daemon to the next.
#pragma once

#include "agentd/queue/job_log.h"
#include "common/error.h"
#include "schema/types.capnp.h"

#include <kj/async.h>

#include <optional>
#include <string>
#include <vector>

namespace cbs::queue {

struct RunningJob {
  std::string id;
  uint32_t attempts = 0;
  bool maybeSent = false;          // in an earlier attempt
  std::optional<Error> cancelled;  // why it was told to end, if it was
  LogState log;
  schema::Command::Client command;  // dropping it cancels the command
};

// What a keeper lets go of.
struct ReleasedJobs {
  struct Running {
    RunningJob job;
    // Is to be told where its output goes. Until then the command is held back.
    kj::Own<kj::PromiseFulfiller<schema::OutputSink::Client>> output;
  };
  std::vector<Running> running;
  bool hadJournal = false;
};

}  // namespace cbs::queue
