// Where what a job's command says ends up: in its log, for readers who follow it, and as its outcome.
#pragma once

#include "agentd/queue/job_log.h"
#include "agentd/queue/log_budget.h"

#include <kj/refcount.h>
#include <kj/time.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbs::queue {

class JobOutput : public kj::Refcounted {
 public:
  // At most `most` bytes are kept, and what the budget has room for. `clock` outlives every use.
  JobOutput(const kj::Clock& clock, std::shared_ptr<LogBudget> budget, std::string file, uint64_t most);
  ~JobOutput() noexcept(false);

  // Asked before a command is sent, which it is once the promise has resolved, and not if it fails.
  using OnStarting = std::function<kj::Promise<void>()>;

  // Begins a new attempt: the log is empty then. What the sink of an earlier one still says is not heard.
  schema::OutputSink::Client begin(OnStarting onStarting);
  // The same for an attempt that was begun elsewhere, and has come so far.
  schema::OutputSink::Client goOn(const LogState& from, OnStarting onStarting);
  // The outcome of the attempt that was begun last, encoded. Fails if its sink is dropped without one.
  kj::Promise<std::string> outcome() { return kj::mv(outcome_.promise); }
  bool hasOutcome() const { return hasOutcome_; }

  // From now on all that the sink gets is passed on to another one, and nothing is kept here. Resolves when the outcome
  // was passed on, or will not come.
  kj::Promise<void> passOn(schema::OutputSink::Client to);

  const LogWriter& log() const { return log_; }
  // Of output that was not kept.
  uint64_t dropped() const { return log_.dropped() + refused_; }

  // Resolves when the log has grown, somebody says that there is news, or nothing more can come (close).
  kj::Promise<void> whenMore();
  void wakeReaders();
  // Nothing more is heard. So many bytes of the log stay in the budget.
  void close(uint64_t kept);

 private:
  class Sink;
  schema::OutputSink::Client newSink();
  void append(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes);
  void noteOutcome(std::string outcome);
  kj::Promise<void> passOutcomeOn(schema::Outcome::Reader outcome);
  void sinkDropped();

  const kj::Clock& clock_;
  std::shared_ptr<LogBudget> budget_;  // engines may hold sinks for longer than anything else here lives
  LogWriter log_;
  uint64_t taken_ = 0;    // of the budget
  uint64_t refused_ = 0;  // by the budget
  uint32_t attempt_ = 0;
  OnStarting onStarting_;
  kj::PromiseFulfillerPair<std::string> outcome_ = kj::newPromiseAndFulfiller<std::string>();
  bool hasOutcome_ = false;
  std::optional<schema::OutputSink::Client> next_;  // to which all is passed on
  kj::Own<kj::PromiseFulfiller<void>> passedOn_;    // the outcome was
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> readers_;
};

// The time of day in milliseconds since 1970.
uint64_t timeOfDayMs(const kj::Clock& clock);

}  // namespace cbs::queue
