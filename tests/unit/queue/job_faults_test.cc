// Faults and races that jobs must survive.
#include "tests/support/small_disk.h"
#include "tests/unit/queue/job_world.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cbs::queue {
namespace {

TEST_CASE("a wait for very many jobs is no harm") {
  JobStage stage;
  auto id = stage.submit("sleep");
  auto command = stage.next();
  size_t n = 200'000;
  auto awaited = stage.await(stage.keeper->await(std::vector<std::string>(n, id), true, 10 * kj::MILLISECONDS));
  CHECK(awaited);
}

TEST_CASE("an attempt that throws ends its job, and leaves its lane free") {
  struct Throwing final : Launcher {
    Task<Expected<Launched>> launch(Work, schema::OutputSink::Client) override {
      if (++count == 1) KJ_FAIL_SYSCALL("pipe2", EMFILE);
      co_return fail(Error{ErrorKind::USAGE, Reason::BAD_REQUEST, ""});
    }
    int count = 0;
  };
  test::TempFolder folder;
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Throwing hosts;
  CommandQueue queue(loop.timer, {.core = 1, .max = 1});
  JobKeeper keeper(loop, kj::systemPreciseCalendarClock(), queue, hosts, folder.path("state"), {});
  REQUIRE(keeper.open());
  auto submit = [&](const char* name) {
    Job job;
    job.name = name;
    job.target = job.host = "h";
    job.deadlineMs = timeOfDayMs(kj::systemPreciseCalendarClock()) + 1000;
    capnp::MallocMessageBuilder request, context;
    auto added = keeper
                     .submit(kj::mv(job), {encoded(request.initRoot<schema::ExecRequest>().asReader()),
                                           encoded(context.initRoot<schema::CallerContext>().asReader())})
                     .promise()
                     .wait(io.waitScope);
    REQUIRE(added);
    return added->id;
  };
  auto first = submit("first");
  auto awaited = keeper.await({first}, false, 3 * kj::SECONDS).promise().wait(io.waitScope);
  REQUIRE(awaited);
  CHECK(awaited->done);
  auto cancelled = keeper.cancel({first}).promise().wait(io.waitScope);
  CHECK(int(cancelled->front().second) == int(CancelResult::HAD_ENDED));
  CHECK(queue.figures().active == 0);
}

TEST_CASE("a job that waits can be cancelled while the daemon drains, and does not run afterwards") {
  JobStage stage({.core = 1, .max = 1});
  stage.submit("long");
  auto command = stage.next();
  auto id = stage.submit("waits");
  stage.keeper->suspend();
  auto cancelling = stage.keeper->cancel({id}).promise().then([](auto r) { return bool(r); });
  bool answered = cancelling.exclusiveJoin(stage.loop.timer.afterDelay(3 * kj::SECONDS).then([]() { return false; }))
                      .wait(stage.io.waitScope);
  CHECK(answered);
  stage.exit(*command, 0);
  stage.restart();
  stage.until([&]() { return !stage.hosts.running.empty() || stage.find(id).state == schema::JobState::ENDED; });
  CHECK(stage.hosts.starts["waits"] == 0);
}

TEST_CASE("what a log has no room for takes none of the room of others") {
  JobStage stage({}, {.logBytes = 100'000, .logsBytes = 1'000'000});
  stage.submit("yes");
  auto loud = stage.next();
  for (int i = 0; i < 40; ++i) stage.print(*loud, std::string(60'000, 'y'));
  auto id = stage.submit("quiet");
  auto quiet = stage.next();
  stage.print(*quiet, std::string(60'000, 'q'));
  stage.exit(*quiet, 0);
  stage.fate(id);
  CHECK(stage.log(id).size() == 60'000);
  CHECK(stage.find(id).logDroppedBytes == 0);
}

TEST_CASE("filters tell jobs that wait for others from those that wait for their turn") {
  JobStage stage({.core = 1, .max = 1});
  auto a = stage.submit("long");
  auto command = stage.next();
  auto b = stage.submit("after", {.after = {{a, true}}});
  CHECK(stage.find(b).state == schema::JobState::WAITING);
  CHECK(stage.await(stage.keeper->list({.states = {schema::JobState::WAITING}}))->size() == 1);
  CHECK(stage.await(stage.keeper->list({.states = {schema::JobState::QUEUED}}))->size() == 0);
}

TEST_CASE("a job that may have run in an earlier attempt is told as unknown") {
  JobStage stage;
  auto id = stage.submit("make", {.idempotent = true, .retries = 1});
  auto first = stage.next();
  stage.fail(*first, true, Error{ErrorKind::LOST, Reason::CONNECTION_LOST, ""});
  auto second = stage.next();
  stage.fail(*second, false, Error{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""});
  CHECK(int(stage.fate(id).state) == int(schema::Outcome::State::UNKNOWN));
}

TEST_CASE("an attempt that could not be launched is tried again, whatever became of the one before") {
  JobStage stage;
  auto id = stage.submit("make", {.idempotent = true, .retries = 3});
  auto first = stage.next();
  stage.hosts.refusal = Error{ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, ""};
  stage.fail(*first, true, Error{ErrorKind::LOST, Reason::CONNECTION_LOST, ""});
  stage.until([&]() { return stage.hosts.starts["make"] == 2; });
  stage.until([&]() {
    auto j = stage.find(id);
    return j.state != schema::JobState::RUNNING;
  });
  CHECK(stage.find(id).state == schema::JobState::WAITING);
}

TEST_CASE("what was lost before it was sent is tried again") {
  JobStage stage;
  auto id = stage.submit("make", {.retries = 3});
  auto first = stage.next();
  stage.fail(*first, false, Error{ErrorKind::LOST, Reason::CONNECTION_LOST, ""});
  stage.until([&]() {
    auto j = stage.find(id);
    return j.state != schema::JobState::RUNNING;
  });
  CHECK(stage.find(id).state == schema::JobState::WAITING);
}

TEST_CASE("a small log needs no folder") {
  JobStage stage;
  std::string gone = stage.folder.path("state") + "/jobs";
  auto id = stage.submit("echo");
  CHECK(rmdir(gone.c_str()) == 0);
  auto command = stage.next();
  stage.print(*command, "hello");
  stage.exit(*command, 0);
  stage.fate(id);
  CHECK(stage.log(id) == "hello");
}

TEST_CASE("large logs cost older jobs their logs, and not their keys") {
  JobStage stage({}, {.logBytes = 200'000, .logsBytes = 200'000});
  auto id = stage.submit("pay", {.key = "k"});
  auto pay = stage.next();
  stage.exit(*pay, 0);
  stage.fate(id);
  auto big = stage.submit("big");
  auto command = stage.next();
  for (int i = 0; i < 3; ++i) stage.print(*command, std::string(60'000, 'y'));
  stage.exit(*command, 0);
  stage.await(stage.keeper->await({big}, false, 5 * kj::SECONDS));
  for (int i = 0; i < 300; ++i) stage.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(stage.io.waitScope);
  auto again = stage.await(stage.submission("pay", {.key = "k"}));
  REQUIRE(again);
  CHECK(again->existing);
}

TEST_CASE("a disk that is full at the start cancels no dependents") {
  test::TempFolder folder;
  auto diskPath = folder.makeFolder("disk");
  test::SmallDisk disk(diskPath, 2 << 20);
  if (!disk.mounted()) SKIP("no mount");
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  FakeHosts hosts;
  auto queue = std::make_unique<CommandQueue>(loop.timer, core::LaneLimits{.core = 1, .max = 1});
  auto make = [&]() {
    auto keeper = std::make_unique<JobKeeper>(loop, kj::systemPreciseCalendarClock(), *queue, hosts,
                                              diskPath + "/state", JobLimits{});
    return keeper;
  };
  auto keeper = make();
  auto submit = [&](const char* line, std::vector<Dependency> after) {
    Job job;
    job.target = job.host = "h";
    job.after = std::move(after);
    capnp::MallocMessageBuilder request, context;
    auto exec = request.initRoot<schema::ExecRequest>();
    exec.initSpec().getCommand().setLine(kj::StringPtr(line).asBytes());
    auto added = keeper
                     ->submit(kj::mv(job),
                              {encoded(exec.asReader()), encoded(context.initRoot<schema::CallerContext>().asReader())})
                     .promise()
                     .wait(io.waitScope);
    REQUIRE(added);
    return added->id;
  };
  auto turn = [&](int ms) { loop.timer.afterDelay(ms * kj::MILLISECONDS).wait(io.waitScope); };
  auto a = submit("a", {});
  while (hosts.running.empty()) turn(1);
  auto command = hosts.running.front();
  auto request = command->sink.finishedRequest();
  request.initOutcome().getState().setExited(0);
  request.send().ignoreResult().wait(io.waitScope);
  command->told->fulfill();
  hosts.running.clear();
  REQUIRE(keeper->await({a}, false, 5 * kj::SECONDS).promise().wait(io.waitScope)->done);
  submit("c", {});
  while (hosts.running.empty()) turn(1);
  auto b = submit("b", {{a, true}});
  hosts.running.clear();
  keeper.reset();
  {
    std::ofstream ballast(diskPath + "/ballast");
    for (int i = 0; i < 600; ++i) ballast << std::string(4096, 'b') << std::flush;
  }
  keeper = make();
  REQUIRE(keeper->open());
  turn(200);
  std::filesystem::remove(diskPath + "/ballast");
  for (int i = 0; i < 5000 && hosts.starts["b"] == 0; ++i) turn(1);
  auto jobs = keeper->list({.jobs = {b}}).promise().wait(io.waitScope);
  REQUIRE(jobs);
  CHECK(hosts.starts["b"] == 1);
  hosts.running.clear();
  keeper.reset();
}

TEST_CASE("a job that was put back by a daemon that ends can be cancelled") {
  JobStage stage({.core = 1, .max = 1});
  auto id = stage.submit("x");
  auto command = stage.next();
  stage.keeper->suspend();
  stage.fail(*command, false, Error{ErrorKind::CANCELLED, Reason::DAEMON_STOPPING, ""});
  for (int i = 0; i < 50; ++i) stage.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(stage.io.waitScope);
  auto cancelling = stage.keeper->cancel({id}).promise().then([](auto r) { return bool(r); });
  CHECK(cancelling.exclusiveJoin(stage.loop.timer.afterDelay(2 * kj::SECONDS).then([]() { return false; }))
            .wait(stage.io.waitScope));
}

TEST_CASE("the capacity holds for jobs that come at once with dependencies") {
  JobStage stage({.core = 1, .max = 1}, {.capacity = 5});
  auto a = stage.submit("long");
  auto command = stage.next();
  std::vector<Task<Expected<Added>>> adding;
  for (int i = 0; i < 500; ++i) adding.push_back(stage.submission("b", {.after = {{a, true}}}));
  int accepted = 0;
  for (auto& task : adding) accepted += bool(stage.await(kj::mv(task)));
  CHECK(accepted <= 4);
}

TEST_CASE("a job that comes while the daemon begins to end is not begun") {
  JobStage stage;
  auto a = stage.submit("a");
  stage.exit(*stage.next(), 0);
  stage.fate(a);
  auto adding = stage.submission("b", {.after = {{a, true}}});
  stage.keeper->suspend();
  auto added = stage.await(kj::mv(adding));
  for (int i = 0; i < 100; ++i) stage.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(stage.io.waitScope);
  CHECK(stage.hosts.starts["b"] == 0);
}

TEST_CASE("a log that cannot be made durable holds up no job") {
  JobStage stage;
  auto id = stage.submit("x");
  auto command = stage.next();
  stage.print(*command, std::string(40'000, 'x'));
  std::string log = stage.folder.path("state") + "/jobs/" + id + ".log";
  unlink(log.c_str());
  REQUIRE(symlink("/etc/passwd", log.c_str()) == 0);
  stage.exit(*command, 0);
  auto awaited = stage.await(stage.keeper->await({id}, false, 5 * kj::SECONDS));
  CHECK(awaited->done);
}

TEST_CASE("a deadline that has passed begins no attempt") {
  JobStage stage;
  stage.hosts.refusal = Error{ErrorKind::USAGE, Reason::BAD_REQUEST, ""};
  auto id = stage.submit("x", {.deadlineMs = timeOfDayMs(kj::systemPreciseCalendarClock()) - 5});
  stage.fate(id);
  CHECK(stage.find(id).attempts == 0);
}

TEST_CASE("an idempotent job that was told to end stays so when the daemon dies") {
  JobStage stage;
  auto id = stage.submit("x", {.idempotent = true});
  auto command = stage.next();
  auto r = stage.await(stage.keeper->cancel({id}));
  CHECK(r->front().second == CancelResult::SIGNALLED);
  stage.restart();
  for (int i = 0; i < 200; ++i) stage.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(stage.io.waitScope);
  CHECK(stage.hosts.starts["x"] == 1);
}

TEST_CASE("files behind a linked log folder stay") {
  JobStage stage;
  stage.submit("x");
  stage.die();
  std::string jobs = stage.folder.path("state") + "/jobs";
  std::filesystem::remove_all(jobs);
  auto data = stage.folder.makeFolder("data");
  stage.folder.write("data/thesis.txt", "years");
  std::filesystem::create_directory_symlink(data, jobs);
  JobKeeper keeper(stage.loop, kj::systemPreciseCalendarClock(), stage.makeQueue(), stage.hosts,
                   stage.folder.path("state"), {});
  auto opened = keeper.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().fact("file") == jobs);
  CHECK(std::filesystem::exists(data + "/thesis.txt"));
}

TEST_CASE("a job whose request is damaged ends, and leaves its lane free") {
  JobStage stage({.core = 1, .max = 1});
  Job job;
  job.target = job.host = "h";
  auto added = stage.await(stage.keeper->submit(kj::mv(job), {std::string("\xff\xff\xff\x7f\0\0\0\0", 8), ""}));
  REQUIRE(added);
  auto awaited = stage.await(stage.keeper->await({added->id}, false, 2 * kj::SECONDS));
  CHECK(awaited->done);
  CHECK(stage.queue->figures().active == 0);
}

}  // namespace
}  // namespace cbs::queue
