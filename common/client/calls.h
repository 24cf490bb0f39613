// The calls of a client, on its own event loop.
#pragma once

#include "common/client/answer.h"
#include "common/client/ask.h"
#include "common/client/link.h"
#include "common/environment.h"
#include "common/turnstile.h"

#include <cbsession/types.h>

namespace cbs::client {

struct Settings {
  std::string socket;
  Environment surroundings;  // of the program
  unsigned commandsAtOnce;
  kj::Duration patience;  // of waits, with a daemon that has gone
};

class Calls final : private kj::TaskSet::ErrorHandler {
 public:
  Calls(Loop loop, const Settings& settings);

  // Kinds of calls that do not wait for each other in the client: a job that is waited for may have to be cancelled.
  enum class Kind { command, wait, other };

  // Begins what `start` does to these calls, as soon as not too many of its kind are under way, and has it answered.
  template <typename T, typename Start>
  void begin(Kind kind, Answer<T> answer, Start start) {
    tasks_.add(serve(kind, kj::mv(answer), kj::mv(start)).promise());
  }

  Task<Expected<cbsession::Result>> exec(cbsession::Command command, cbsession::ExecOptions options);
  Task<Expected<std::string>> submit(cbsession::Job job);
  Task<Expected<cbsession::JobInfo>> wait(std::string job);
  Task<Expected<std::vector<cbsession::JobInfo>>> waitAll(std::vector<std::string> jobs);
  Task<Expected<cbsession::Log>> log(std::string job, size_t keepBytes);
  Task<Expected<cbsession::Cancelled>> cancel(std::string job);
  Task<Expected<cbsession::JobList>> jobs(cbsession::JobFilter filter);

 private:
  template <typename T, typename Start>
  Task<void> serve(Kind kind, Answer<T> answer, Start start) {
    auto pass = co_await turnstiles_[static_cast<size_t>(kind)].enter();
    try {
      Expected<T> result = co_await start(*this);
      if (result) {
        answer.give(kj::mv(*result));
      } else {
        answer.fail(result.error());
      }
    } catch (const kj::Exception& exception) {
      answer.fail(unanswered(exception));
    } catch (...) {
      answer.fail(std::current_exception());
    }
  }

  struct Polled {
    std::vector<cbsession::JobInfo> jobs;  // as many as were asked for, in that order
    bool done;
  };
  Task<Expected<Polled>> poll(const std::vector<std::string>& jobs, uint64_t waitMs);
  Task<Expected<std::vector<cbsession::JobInfo>>> waitForSome(std::vector<std::string> jobs);

  void taskFailed(kj::Exception&&) override {}  // a task that fails has dropped its answer, which tells

  Loop loop_;
  const Settings& settings_;
  Link link_;
  Turnstile turnstiles_[3];  // by kind
  kj::TaskSet tasks_{*this};
};

}  // namespace cbs::client
