// One command: from a channel on its host to the outcome that its caller is told.
#pragma once

#include "agentd/engine/outcome.h"
#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

#include <kj/refcount.h>

#include <memory>
#include <optional>
#include <string>

namespace cbs::engine {

// What is to be run, and how.
struct CommandPlan {
  ssh::Channel::Program program = ssh::Channel::Program::EXEC;
  std::string line = {};  // for the remote user's shell; a subsystem's name; "" for a shell
  std::optional<ssh::Terminal> terminal;
  std::vector<std::pair<std::string, std::string>> sentVariables = {};  // SendEnv
  bool forwardStdin = false;
  kj::Duration timeout = 0 * kj::SECONDS;  // of the run, connecting and starting over included; 0: none
  bool idempotent = false;                 // may be sent again though it may have started
  unsigned retries = 0;                    // further attempts at reaching the host
  bool announceStart = false;              // the sink is asked before the command is sent
};

// The holder of a reference may signal and feed the command; it ends by itself, and tells the sink its outcome in any
// case.
class CommandRun : public kj::Refcounted {
 public:
  CommandRun(Loop loop, pool::Pool& pool, std::shared_ptr<const pool::HostAccess> access, CommandPlan plan,
             schema::OutputSink::Client output);

  // Runs the command to its end. Ends after the sink has got the outcome. To be called once; the caller keeps the
  // object alive meanwhile.
  Task<void> run();

  // Ends the command: TERM, after a grace period KILL, at last by leaving it. `why` becomes the outcome's error. The
  // first call counts.
  void stop(Error why);

  // Sends a signal, named without SIG. Before the command has started, signals that end a process stop it.
  Task<void> signal(std::string name);
  Task<void> resize(unsigned columns, unsigned rows);

  // Feeds standard input; waits until the command has started. After its end, what is fed goes nowhere.
  Task<void> feed(kj::Array<kj::byte> bytes);
  Task<void> endInput();

 private:
  // SENDING: the request to start may have left, and is not answered yet.
  enum class Phase { STARTING, SENDING, RUNNING, ENDED };

  Task<void> runOnce();
  bool mayStartOver();
  void startAnew();
  Task<void> launch();
  Task<Expected<void>> attempt();
  Task<Expected<void>> prepare(ssh::Channel& channel);
  Task<Expected<void>> announce();
  bool mayRetry(const Error& error, unsigned attempt) const;

  Task<void> attend();
  Task<Expected<ssh::ExitStatus>> pump();
  Task<void> pass(const ssh::Channel::Chunk& chunk);
  void conclude(Expected<ssh::ExitStatus> status);
  Task<void> stopRunning();
  Task<void> meanwhile(Task<Expected<void>> work);
  Task<void> expire();
  Error late() const;
  Task<void> report();

  Loop loop_;
  pool::Pool& pool_;
  std::shared_ptr<const pool::HostAccess> access_;
  CommandPlan plan_;
  schema::OutputSink::Client output_;

  Phase phase_ = Phase::STARTING;
  Outcome outcome_;
  kj::TimePoint startedAt_;
  std::optional<pool::Lease> lease_;
  bool outputBroken_ = false;
  bool maybeRan_ = false;  // an earlier attempt may have got through
  unsigned startedOver_ = 0;

  kj::PromiseFulfillerPair<void> startPair_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> leftStarting_ = startPair_.promise.fork();  // running, or ended without
  kj::PromiseFulfillerPair<void> abandonPair_ = kj::newPromiseAndFulfiller<void>();
  std::optional<Task<void>> stopper_;
  kj::Canceler channelUsers_;  // what callers do on the channel; dropped before the channel is
};

}  // namespace cbs::engine
