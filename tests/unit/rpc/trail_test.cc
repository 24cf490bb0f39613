#include "agentd/rpc/trail.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/telemetry/log.h"
#include "tests/support/text.h"
#include "tests/unit/rpc/rpc_world.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

using test::contains;
using test::count;
using test::readFile;

using Context = capnp::CallContext<schema::Engine::ExecParams, schema::Engine::ExecResults>;

// Answers like an engine whose host is down.
kj::Promise<void> refuse(Context context) {
  auto request = context.getParams().getOutput().finishedRequest();
  encode(Error{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""}, request.initOutcome().initError());
  return request.send().ignoreResult();
}

capnp::Data::Reader data(const std::string& text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

schema::Command::Client run(RpcWorld& world, Told& told, const std::string& line) {
  auto request = world.agent.execRequest();
  request.initRequest().setTarget("127.0.0.1");
  auto spec = request.getRequest().initSpec();
  spec.initCommand().setLine(data(line));
  auto variable = spec.initEnvironment(1)[0];
  variable.setName(data("TOKEN"));
  variable.setValue(data("hush"));
  request.setOutput(kj::heap<RecordingSink>(told));
  return request.send().getCommand();
}

TEST_CASE("the engine and the caller get one id for a command, and each command its own") {
  std::vector<std::string> ids;
  RpcWorld world([&ids](Context context) {
    ids.push_back(context.getParams().getId().cStr());
    return refuse(context);
  });
  Told first, second;
  auto one = world.exec(first);
  world.awaitEnd(first);
  auto two = world.exec(second);
  world.awaitEnd(second);
  REQUIRE(ids.size() == 2);
  CHECK(ids[0].size() == core::kJobIdLength);
  CHECK(ids[0] < ids[1]);
  CHECK(first.error->fact("id") == ids[0]);
  CHECK(second.error->fact("id") == ids[1]);
}

TEST_CASE("one that never got to the engine has an id, too") {
  RpcWorld world([](Context) -> kj::Promise<void> { return kj::READY_NOW; });
  Told told;
  auto command = world.exec(told, "-bad-");
  world.awaitEnd(told);
  CHECK(told.error->kind == ErrorKind::USAGE);
  CHECK(told.error->fact("id").size() == core::kJobIdLength);
}

TEST_CASE("who runs what is on record before the engine is asked, and what became of it afterwards") {
  test::TempFolder folder;
  auto file = folder.path("audit");
  std::string before;
  RpcWorld world([&](Context context) {
    before = readFile(file);
    return refuse(context);
  });
  world.audit.setFile(file);
  Told told;
  auto command = run(world, told, "rm -r \"x\"\n");
  world.awaitEnd(told);
  INFO(before);
  CHECK(count(before, "\n") == 1);
  CHECK(contains(before, "\"event\":\"begin\",\"uid\":" + std::to_string(getuid()) + ","));
  CHECK(contains(before, "\"kind\":\"exec\",\"target\":\"127.0.0.1\",\"host\":\"127.0.0.1:22\","));
  CHECK(contains(before, R"("command":"rm -r \"x\"\n","variables":"TOKEN"})"));
  CHECK_FALSE(contains(before, "hush"));
  world.turnUntil([&]() { return count(readFile(file), "\n") == 2; });
  auto end = readFile(file).substr(before.size());
  INFO(end);
  CHECK(contains(end, "\"event\":\"end\""));
  CHECK(contains(end, "\"id\":\"" + std::string(told.error->fact("id")) + "\""));
  CHECK(contains(end, R"("outcome":"notSent","error":"unreachable","reason":"connectionRefused")"));
}

TEST_CASE("what cannot be put on record is not run") {
  test::TempFolder folder;
  bool asked = false;
  RpcWorld world([&](Context context) {
    asked = true;
    return refuse(context);
  });
  world.audit.setFile(folder.path("gone/audit"));
  Told told;
  auto command = run(world, told, "true");
  world.awaitEnd(told);
  CHECK_FALSE(asked);
  CHECK(told.state == schema::Outcome::State::NOT_SENT);
  CHECK(told.error->kind == ErrorKind::OVERLOADED);
  CHECK(told.error->reason == Reason::AUDIT_UNAVAILABLE);
  CHECK(contains(world.services.audit.fault(), "gone/audit"));

  folder.makeFolder("gone");
  Told again;
  auto other = run(world, again, "true");
  world.awaitEnd(again);
  CHECK(asked);
  CHECK(world.services.audit.fault().empty());
}

// The engine is asked, and the test has the sink.
FakeEngine::OnExec keeping(std::vector<schema::OutputSink::Client>& sinks) {
  return [&sinks](Context context) {
    sinks.push_back(context.getParams().getOutput());
    return kj::Promise<void>(kj::READY_NOW);
  };
}

TEST_CASE("the end of a command whose caller has vanished is on record, too, wherever it was") {
  test::TempFolder folder;
  auto file = folder.path("audit");
  std::vector<schema::OutputSink::Client> sinks;
  RpcWorld world(keeping(sinks), {.core = 1, .max = 1, .queueCapacity = 2});
  world.audit.setFile(file);
  Told told[2];
  std::optional sent = run(world, told[0], "sent");
  world.turnUntil([&]() { return sinks.size() == 1; });
  std::optional waiting = run(world, told[1], "waiting");
  world.turnUntil([&]() { return world.queue.figures().depth == 1; });
  waiting.reset();
  world.turnUntil([&]() { return count(readFile(file), "\n") == 2; });
  INFO(readFile(file));
  CHECK(
      contains(readFile(file), R"("outcome":"notSent","error":"cancelled","reason":"callerGone","command":"waiting")"));
  sent.reset();
  sinks.clear();
  world.turnUntil([&]() { return count(readFile(file), "\n") == 3; });
  CHECK(contains(readFile(file), R"("outcome":"unknown","error":"cancelled","reason":"callerGone"})"));
  CHECK(count(readFile(file), R"("event":"end")") == 2);
  CHECK(world.work.count(Fate::NOT_SENT) == 1);
  CHECK(world.work.count(Fate::UNKNOWN) == 1);
}

// An audit log that takes nothing until it is emptied.
class Clogged {
 public:
  explicit Clogged(const test::TempFolder& folder) : path(folder.path("pipe")) {
    KJ_SYSCALL(mkfifo(path.c_str(), 0600));
    reader_ = kj::AutoCloseFd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    kj::AutoCloseFd writer(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    std::string filling(4096, '#');
    while (write(writer, filling.data(), filling.size()) > 0) {
    }
  }
  // What has come, but for what clogged it.
  std::string read() {
    char bytes[4096];
    for (ssize_t size; (size = ::read(reader_, bytes, sizeof(bytes))) > 0;) {
      for (ssize_t i = 0; i < size; ++i) {
        if (bytes[i] != '#') content_ += bytes[i];
      }
    }
    return content_;
  }
  const std::string path;

 private:
  kj::AutoCloseFd reader_;
  std::string content_;
};

TEST_CASE("a command that is cancelled or dropped while it is put on record is not sent, and told once") {
  test::TempFolder folder;
  Clogged audit(folder);
  std::vector<schema::OutputSink::Client> sinks;
  RpcWorld world(keeping(sinks), {.core = 2, .max = 2});
  Told told[3];
  world.audit.setFile(folder.path("audit"));
  auto before = run(world, told[2], "so that the name is known");
  world.turnUntil([&]() { return sinks.size() == 1; });
  auto finished = sinks[0].finishedRequest();
  finished.initOutcome().getState().setExited(0);
  finished.send().wait(world.io.waitScope);
  world.awaitEnd(told[2]);
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
  world.audit.setFile(audit.path);
  auto cancelled = run(world, told[0], "cancelled");
  std::optional dropped = run(world, told[1], "dropped");
  world.turnUntil([&]() { return world.queue.figures().active == 2; });
  world.io.waitScope.poll();
  cancelled.cancelRequest().send().wait(world.io.waitScope);
  dropped.reset();
  world.awaitEnd(told[0]);
  CHECK(told[0].error->kind == ErrorKind::CANCELLED);
  CHECK(told[0].state == schema::Outcome::State::NOT_SENT);
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
  std::string all;
  world.turnUntil([&]() { return count(all = audit.read(), R"("event":"end")") == 2; });
  INFO(all);
  CHECK(count(all, R"("event":"begin")") == 2);
  CHECK(count(all, R"("outcome":"notSent","error":"cancelled","reason":"callerCancelled")") == 1);
  CHECK(count(all, R"("outcome":"notSent","error":"cancelled","reason":"callerGone")") == 1);
  CHECK(sinks.size() == 1);
  CHECK(world.work.count(Fate::NOT_SENT) == 2);
  CHECK(told[1].error == std::nullopt);
}

TEST_CASE("a job's attempt that cannot be put on record counts as not sent, and is told") {
  test::TempFolder folder;
  std::vector<schema::OutputSink::Client> sinks;
  RpcWorld world(keeping(sinks), {.core = 1, .max = 1});
  auto log = folder.path("log");
  telemetry::LogSettings settings{.levels = {}, .file = log};
  settings.levels.fill(LogLevel::INFO);
  telemetry::setUpLog(settings);
  KJ_DEFER(telemetry::closeLog());
  Told told;
  auto running = world.exec(told);
  world.turnUntil([&]() { return sinks.size() == 1; });
  auto submit = world.agent.submitRequest();
  submit.initRequest().initExec().setTarget("127.0.0.1");
  submit.getRequest().getExec().initSpec().getCommand().setLine(kj::StringPtr("true").asBytes());
  submit.send().wait(world.io.waitScope);
  world.audit.setFile(folder.path("gone/audit"));
  auto finished = sinks[0].finishedRequest();
  finished.initOutcome().getState().setExited(0);
  finished.send().wait(world.io.waitScope);
  world.turnUntil([&]() { return world.jobs.figures().ended == 1; });
  telemetry::closeLog();
  INFO(readFile(log));
  CHECK(sinks.size() == 1);
  CHECK(world.work.count(Fate::NOT_SENT) == 1);
  CHECK(count(readFile(log), " info jobs: attempt ended ") == 1);
  CHECK(contains(readFile(log), " outcome=notSent error=overloaded reason=auditUnavailable "));
}

TEST_CASE("a job's attempt that the engine forgets is told as unknown") {
  test::TempFolder folder;
  auto file = folder.path("audit");
  RpcWorld world([](Context) -> kj::Promise<void> { return kj::READY_NOW; });
  world.audit.setFile(file);
  auto submit = world.agent.submitRequest();
  submit.initRequest().initExec().setTarget("127.0.0.1");
  submit.getRequest().getExec().initSpec().getCommand().setLine(kj::StringPtr("true").asBytes());
  submit.send().wait(world.io.waitScope);
  auto isEnded = [&]() { return contains(readFile(file), R"("event":"end")"); };
  world.turnUntil(isEnded);
  INFO(readFile(file));
  CHECK(contains(readFile(file), R"("outcome":"unknown","error":"internal","reason":"unspecified",)"
                                 R"("detail":"the engine has not told its end"})"));
}

TEST_CASE("a job that is refused is on record as that") {
  test::TempFolder folder;
  auto file = folder.path("audit");
  RpcWorld world(refuse);
  world.audit.setFile(file);
  auto submit = world.agent.submitRequest();
  submit.initRequest().initExec().setTarget("127.0.0.1");
  submit.getRequest().initAfter(1).set(0, "nobody");
  submit.getRequest().getExec().initSpec().getCommand().setLine(kj::StringPtr("true").asBytes());
  CHECK(submit.send().wait(world.io.waitScope).getError().getReason() == Reason::JOB_NOT_FOUND);
  world.turnUntil([&]() { return count(readFile(file), "\n") == 2; });
  CHECK(contains(readFile(file), R"("event":"submit")"));
  CHECK(contains(readFile(file), R"("event":"refused")"));
  CHECK(contains(readFile(file), R"("kind":"job","target":"127.0.0.1","error":"usage","reason":"jobNotFound")"));
}

TEST_CASE("what was put on record last is there when the audit log ends, whether its user is known or not") {
  test::TempFolder folder;
  auto file = folder.path("audit");
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  {
    AuditLog audit(loop, file);
    audit.add("first", Caller{getuid(), "me"}, "");
    audit.add("second", Caller{getuid(), "me"}, "");
  }
  auto all = readFile(file);
  INFO(all);
  CHECK(count(all, "\n") == 2);
  CHECK(all.find(R"("event":"first","uid":)") < all.find(R"("event":"second","uid":)"));
}

TEST_CASE("only the program's name is taken of a command for the log") {
  auto first = [](const std::string& line) {
    capnp::MallocMessageBuilder message;
    auto spec = message.initRoot<schema::CommandSpec>();
    spec.initCommand().setLine(data(line));
    return firstWordOf(spec);
  };
  CHECK(first("mysql -psecret") == "mysql");
  CHECK(first("  PASSWORD=secret mysql") == "PASSWORD");
  CHECK(first("true;echo secret") == "true");
  CHECK(first("") == "");
}

}  // namespace
}  // namespace cbs::rpc
