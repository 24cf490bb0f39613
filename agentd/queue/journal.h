// The jobs that were accepted, on disk.
#pragma once

#include "agentd/queue/job.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbs::queue {

// What a job is run with.
struct Assignment {
  std::string request;  // an encoded schema::ExecRequest, without the caller
  std::string context;  // an encoded schema::CallerContext: the surroundings in which it was asked for
};

// What became of a job that was to be added.
struct Added {
  std::string id;
  bool existing = false;  // there is one with its idempotency key already: this is its id
};

// How a job ended.
struct Ending {
  std::string id;
  uint64_t endedMs = 0;
  uint32_t attempts = 0;
  std::string outcome;
  bool succeeded = false;  // it exited with status 0
  uint64_t logBytes = 0;
  uint64_t logDroppedBytes = 0;
  std::optional<std::string> log;  // its whole log, if it is small enough to be kept in the journal itself
  std::string logFile;             // else the file with it, which is made durable first; "": none
};

// Which jobs are wanted: as schema::JobFilter.
struct JobQuery {
  std::vector<std::string> jobs;
  std::vector<schema::JobState> states;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string target;
  std::string before;
  bool failed = false;
  size_t limit = 10'000;
};

// An SQLite database in the state folder, whose lock keeps other daemons off it as long as this exists. What is asked
// for while a transaction is being written goes into the next one, so that any number of callers share each wait for
// the disk (group commit). A task that has ended well is durable, whatever happens to the process or the machine. It
// outlives its tasks; dropping a task takes nothing back that was asked for.
//
// All fail with overloaded/journalUnavailable (facts `file`, and `full` if there is no space), and then nothing of it
// has happened.
class Journal {
 public:
  // Opens `folder`/jobs.db, which is made if it is not there, with its folder (mode 0700). Blocks. Fails with the same
  // error as well if another daemon has it (detail says so), if it is damaged, or written by a newer version.
  static Expected<kj::Own<Journal>> open(Loop loop, const std::string& folder);

  virtual ~Journal() noexcept(false) = default;

  // Adds a job, with the request that it is to be run with. If there is one of the same user and idempotency key,
  // nothing is added, and unless its request is equal byte for byte the error is usage/idempotencyKeyTaken (fact
  // `job`).
  virtual Task<Expected<Added>> add(Job job, Assignment assignment) = 0;

  // What a job that has not ended is to be run with.
  virtual Task<Expected<Assignment>> assignment(std::string id) = 0;

  // Notes that an attempt begins: from now on the command may be sent. Sets state, attempts and startedMs.
  virtual Task<Expected<void>> start(std::string id, uint32_t attempts, uint64_t startedMs) = 0;

  // Notes that a job that runs was told to end, so that no later daemon runs it again.
  virtual Task<Expected<void>> cancel(std::string id) = 0;

  // Puts a job back into the queue after an attempt.
  virtual Task<Expected<void>> requeue(std::string id, uint32_t attempts, uint64_t notBeforeMs) = 0;

  virtual Task<Expected<void>> end(Ending ending) = 0;

  // The youngest first. Names are looked up as ids are, the youngest of that name.
  virtual Task<Expected<std::vector<Job>>> list(JobQuery query) = 0;

  // Each of `idsOrNames`, in that order; nothing where there is none.
  virtual Task<Expected<std::vector<std::optional<Job>>>> find(std::vector<std::string> idsOrNames) = 0;

  // The log of a job that has ended, if it is kept in the journal itself.
  virtual Task<Expected<std::optional<std::string>>> log(std::string id) = 0;

  struct Retention {
    uint64_t endedBeforeMs = 0;  // forgets what ended before
    uint64_t mostEnded = 0;      // and the oldest beyond this number
    uint64_t mostLogBytes = 0;   // and of the oldest the logs alone, as long as they are larger than this together
  };
  struct Forgotten {
    std::string id;
    uint64_t logBytes = 0;
  };
  // Forgets jobs that have ended, but for those that one which has not ended waits for. Gives those whose log is no
  // longer wanted.
  virtual Task<Expected<std::vector<Forgotten>>> forget(Retention retention) = 0;

  // What a daemon that starts has to know.
  struct Contents {
    std::vector<Job> unended;           // the oldest first
    std::string youngestId;             // of all; "": there is none
    uint64_t logBytes = 0;              // of those that have ended
    std::vector<std::string> logFiles;  // ids of jobs that have ended and whose log is in a file
  };
  // Blocks.
  virtual Expected<Contents> contents() = 0;
};

}  // namespace cbs::queue
