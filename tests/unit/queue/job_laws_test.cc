// What must hold for jobs whatever happens: submissions, ends, failures, cancellations and deaths of the daemon in
// random order.
#include "tests/unit/queue/job_world.h"

#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <random>
#include <set>

namespace cbs::queue {
namespace {

const Error kUnreachable{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""};
const Error kLost{ErrorKind::LOST, Reason::CONNECTION_LOST, ""};

class History {
 public:
  explicit History(unsigned seed) : random_(seed), stage_({.core = 3, .max = 3}) {}

  void run() {
    for (int step = 0; step < 150; ++step) act();
    finish();
    check();
  }

 private:
  struct Accepted {
    std::string id;
    bool idempotent = false;
    bool cancelled = false;
    std::vector<std::string> after;
  };

  void act() {
    switch (random_() % 12) {
      case 0:
      case 1:
      case 2:
      case 3:
        return submit();
      case 4:
        return submitAndDie();
      case 5:
        return cancelOne();
      case 6:
        return random_() % 3 == 0 ? stage_.restart() : turn();
      default:
        return endOne();
    }
  }

  void turn() { stage_.loop.timer.afterDelay(0 * kj::SECONDS).wait(stage_.io.waitScope); }

  JobWishes wishes() {
    JobWishes wishes{.idempotent = random_() % 2 == 0, .retries = random_() % 6 == 0 ? 1u : 0u};
    wishes.caller = std::string(1, static_cast<char>('a' + random_() % 3));
    wishes.target = "web" + std::to_string(random_() % 3);
    for (auto& [line, job] : jobs_) {
      if (random_() % 40 == 0) wishes.after.push_back({job.id, random_() % 2 == 0});
    }
    return wishes;
  }

  void submit() {
    auto line = "job" + std::to_string(++submitted_);
    auto wish = wishes();
    Accepted job{.id = stage_.submit(line, wish), .idempotent = wish.idempotent};
    for (const auto& dependency : wish.after) job.after.push_back(dependency.job);
    REQUIRE(ids_.insert(job.id).second);
    if (!ids_.empty()) REQUIRE(job.id == *ids_.rbegin());  // ids ascend, whatever dies in between
    jobs_.emplace(line, std::move(job));
  }

  // What was never acknowledged may have become a job or not. It runs once at most all the same.
  void submitAndDie() {
    auto line = "orphan" + std::to_string(++submitted_);
    {
      auto dropped = stage_.submission(line, {.idempotent = false});
      if (random_() % 2 == 0) turn();
    }
    stage_.restart();
  }

  std::shared_ptr<StartedCommand> takeOne() {
    turn();
    auto& running = stage_.hosts.running;
    if (running.empty()) return nullptr;
    auto at = running.begin() + static_cast<long>(random_() % running.size());
    auto command = *at;
    running.erase(at);
    return command;
  }

  void endOne() {
    auto command = takeOne();
    if (!command) return;
    unsigned how = random_() % 6;
    if (how == 0) {
      ++unsent_[command->line];
      stage_.fail(*command, false, kUnreachable);
    } else if (how == 1) {
      stage_.print(*command, "part");
      stage_.fail(*command, true, kLost);
    } else {
      end(*command);
    }
  }

  void end(StartedCommand& command) {
    std::string printed(random_() % 30'000, 'x');
    if (!printed.empty()) stage_.print(command, printed);
    printed_[command.line] = printed;
    stage_.exit(command, random_() % 4 == 0 ? 1 : 0);
  }

  void cancelOne() {
    if (jobs_.empty()) return;
    auto job = std::next(jobs_.begin(), static_cast<long>(random_() % jobs_.size()));
    auto result = stage_.await(stage_.keeper->cancel({job->second.id}));
    REQUIRE(result);
    if (result->front().second != CancelResult::HAD_ENDED) job->second.cancelled = true;
    if (result->front().second == CancelResult::REMOVED) removedAt_[job->first] = stage_.hosts.starts[job->first];
  }

  // Lets everything end.
  void finish() {
    stage_.restart();
    stage_.until([&]() {
      while (auto command = takeOne()) end(*command);
      auto figures = stage_.keeper->figures();
      return figures.waiting + figures.running == 0;
    });
  }

  void check() {
    for (const auto& [line, started] : stage_.hosts.starts) {
      auto job = jobs_.find(line);
      bool idempotent = job != jobs_.end() && job->second.idempotent;
      INFO(line);
      if (!idempotent) CHECK(started - unsent_[line] <= 1);  // never twice
    }
    for (const auto& [line, started] : removedAt_) CHECK(stage_.hosts.starts[line] == started);
    for (auto& [line, job] : jobs_) {
      INFO(line);
      auto found = stage_.find(job.id);  // none is lost
      REQUIRE(found.state == schema::JobState::ENDED);
      auto fate = stage_.fate(job.id);
      bool exited = fate.state == schema::Outcome::State::EXITED;
      bool daemonDied = fate.reason == Reason::DAEMON_DIED;
      if (daemonDied && !job.cancelled) CHECK_FALSE(job.idempotent);
      bool maySoEnd = job.cancelled || daemonDied || fate.reason == Reason::DEPENDENCY_FAILED ||
                      fate.reason == Reason::CONNECTION_REFUSED || fate.reason == Reason::CONNECTION_LOST;
      if (!maySoEnd) CHECK(exited);
      if (!exited) continue;
      CHECK(stage_.hosts.starts[line] >= 1);
      CHECK(stage_.log(job.id) == printed_[line]);
      for (const auto& other : job.after) CHECK(stage_.find(other).endedMs <= found.startedMs);
    }
  }

  std::mt19937 random_;
  JobStage stage_;
  int submitted_ = 0;
  std::map<std::string, Accepted> jobs_;  // by their command
  std::set<std::string> ids_;
  std::map<std::string, int> unsent_;
  std::map<std::string, int> removedAt_;  // how often it had been started when it was removed
  std::map<std::string, std::string> printed_;
};

TEST_CASE("whatever happens, no job is lost, none runs twice that may not, and no output is torn") {
  History(GENERATE(Catch::Generators::range(1u, 13u))).run();
}

}  // namespace
}  // namespace cbs::queue
