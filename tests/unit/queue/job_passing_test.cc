// Jobs that pass from one keeper to the next while they run.
#include "tests/unit/queue/job_world.h"

namespace cbs::queue {
namespace {

using schema::JobState;
using State = schema::Outcome::State;

// Two keepers, one after the other, of which the first lives on.
struct PassingStage : JobStage {
  using JobStage::JobStage;

  ~PassingStage() {
    keeper.reset();
    earlier.reset();
  }

  // The first keeper lets go of everything.
  ReleasedJobs release() { return await(keeper->release()); }
  // Another one takes it.
  void adopt(ReleasedJobs& released) {
    earlier = std::move(keeper);
    earlierQueue = std::move(queue);
    makeQueue();
    keeper = std::make_unique<JobKeeper>(loop, kj::systemPreciseCalendarClock(), *queue, hosts, folder.path("state"),
                                         JobLimits{});
    std::vector<RunningJob> jobs;
    for (auto& running : released.running) jobs.push_back(kj::mv(running.job));
    std::vector<std::string> ids;
    for (const auto& job : jobs) ids.push_back(job.id);
    auto outputs = keeper->adopt(kj::mv(jobs));
    REQUIRE(outputs);
    for (size_t i = 0; i < ids.size(); ++i) released.running[i].output->fulfill(kj::mv(outputs->at(ids[i])));
  }
  void pass() {
    auto released = release();
    adopt(released);
  }

  std::unique_ptr<CommandQueue> earlierQueue;
  std::unique_ptr<JobKeeper> earlier;
};

TEST_CASE("a job that runs passes to another keeper, with its output before and after") {
  PassingStage stage;
  auto id = stage.submit("count");
  auto command = stage.next();
  stage.print(*command, "one ");
  stage.pass();
  CHECK(stage.find(id).state == JobState::RUNNING);
  stage.print(*command, "two");
  stage.exit(*command, 3);
  CHECK(stage.fate(id).status == 3);
  CHECK(stage.log(id) == "one two");
  CHECK(stage.hosts.starts["count"] == 1);
}

TEST_CASE("a large log goes on in the same file") {
  PassingStage stage;
  auto id = stage.submit("seq");
  auto command = stage.next();
  std::string first(50'000, 'a'), second(50'000, 'b');
  stage.print(*command, first);
  stage.pass();
  stage.print(*command, second);
  stage.exit(*command, 0);
  CHECK(stage.fate(id).status == 0);
  CHECK(stage.log(id) == first + second);
}

TEST_CASE("jobs that wait begin at the other keeper, when there is a lane") {
  PassingStage stage({.core = 1, .max = 1});
  auto first = stage.submit("first");
  auto second = stage.submit("second");
  auto command = stage.next();
  stage.pass();
  CHECK(stage.find(second).state == JobState::QUEUED);
  stage.exit(*command, 0);
  auto next = stage.next();
  CHECK(next->line == "second");
  stage.exit(*next, 0);
  CHECK(stage.fate(first).status == 0);
  CHECK(stage.fate(second).status == 0);
}

TEST_CASE("a job that passed is cancelled where it runs") {
  PassingStage stage;
  auto id = stage.submit("sleep");
  auto command = stage.next();
  stage.pass();
  auto cancelled = stage.await(stage.keeper->cancel({id}));
  REQUIRE(cancelled);
  CHECK(cancelled->front().second == CancelResult::SIGNALLED);
  stage.until([&]() { return command->cancelled; });
  stage.fail(*command, true, {ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""});
  CHECK(stage.fate(id).reason == Reason::CALLER_CANCELLED);
}

TEST_CASE("when the daemon that runs a job dies, the one that has adopted it says so") {
  PassingStage stage;
  auto id = stage.submit("sleep");
  {
    auto command = stage.next();
    stage.print(*command, "begun");
    stage.pass();
    command->sink = nullptr;
  }
  stage.earlier.reset();
  auto fate = stage.fate(id);
  CHECK(fate.state == State::UNKNOWN);
  CHECK(fate.reason == Reason::DAEMON_DIED);
  CHECK(stage.log(id) == "begun");
}

TEST_CASE("a keeper that nobody relieved takes its jobs back") {
  PassingStage stage({.core = 1, .max = 1});
  auto first = stage.submit("first");
  auto second = stage.submit("second");
  auto command = stage.next();
  stage.print(*command, "one ");
  auto released = stage.release();
  stage.keeper->takeBack(kj::mv(released));
  stage.print(*command, "two");
  stage.exit(*command, 0);
  CHECK(stage.fate(first).status == 0);
  CHECK(stage.log(first) == "one two");
  auto next = stage.next();
  CHECK(next->line == "second");
  stage.exit(*next, 0);
  CHECK(stage.fate(second).status == 0);
}

TEST_CASE("a job can pass twice") {
  PassingStage stage;
  auto id = stage.submit("count");
  auto command = stage.next();
  stage.print(*command, "one ");
  stage.pass();
  stage.print(*command, "two ");
  auto first = std::move(stage.earlier);
  auto firstQueue = std::move(stage.earlierQueue);
  stage.pass();
  stage.print(*command, "three");
  stage.exit(*command, 0);
  CHECK(stage.fate(id).status == 0);
  CHECK(stage.log(id) == "one two three");
}

TEST_CASE("a keeper is settled when what it passed on has ended") {
  PassingStage stage;
  auto id = stage.submit("count");
  auto command = stage.next();
  stage.pass();
  stage.earlier->suspend();
  bool settled = false;
  auto settling = stage.earlier->whenSettled().then([&]() { settled = true; }).eagerlyEvaluate(nullptr);
  stage.print(*command, "x");
  CHECK_FALSE(settled);
  stage.exit(*command, 0);
  stage.fate(id);
  stage.until([&]() { return settled; });
}

}  // namespace
}  // namespace cbs::queue
