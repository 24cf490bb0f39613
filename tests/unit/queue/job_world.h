// A job keeper with hosts that do what a test wants, and that can die and come back.
#pragma once

#include "agentd/queue/encoded.h"
#include "agentd/queue/job_keeper.h"
#include "tests/support/temp_folder.h"

#include <kj/async-io.h>
#include <catch2/catch_test_macros.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbs::queue {

// A command, until the test ends it.
struct StartedCommand {
  std::string line;
  uint64_t timeoutMs = 0;
  bool sent = false;
  bool cancelled = false;
  schema::OutputSink::Client sink;
  kj::Own<kj::PromiseFulfiller<void>> told;

  kj::Promise<void> tellNotSent(const Error& why) {
    auto request = sink.finishedRequest();
    encode(why, request.initOutcome().initError());
    return request.send().ignoreResult().then([this]() { told->fulfill(); });
  }
};

// Hosts that start what they are given, once it was announced, and then do nothing by themselves.
class FakeHosts final : public Launcher {
 public:
  Task<Expected<Launched>> launch(Work work, schema::OutputSink::Client output) override {
    auto line = work.request.getSpec().getCommand().getLine().asChars();
    std::string name(line.begin(), line.size());
    if (refusal) {
      ++starts[name];
      co_return fail(*refusal);
    }
    auto told = kj::newPromiseAndFulfiller<void>();
    auto command = std::make_shared<StartedCommand>(
        StartedCommand{.line = name, .timeoutMs = work.timeoutMs, .sink = output, .told = kj::mv(told.fulfiller)});
    auto send = [this, command]() {
      command->sent = true;
      ++starts[command->line];
      running.push_back(command);
    };
    auto giveUp = [command](kj::Exception&& why) {
      return command->tellNotSent({ErrorKind::CANCELLED, Reason::CALLER_GONE, why.getDescription().cStr()});
    };
    auto sending = output.startingRequest().send().ignoreResult().then(kj::mv(send)).catch_(kj::mv(giveUp));
    auto handle = kj::heap<Handle>(command, sending.eagerlyEvaluate(nullptr));
    co_return Launched{kj::mv(handle), kj::mv(told.promise)};
  }

  std::map<std::string, int> starts;  // by command: how often it was sent
  std::deque<std::shared_ptr<StartedCommand>> running;
  std::optional<Error> refusal;

 private:
  class Handle final : public schema::Command::Server {
   public:
    Handle(std::shared_ptr<StartedCommand> command, kj::Promise<void> sending)
        : command_(std::move(command)), sending_(kj::mv(sending)) {}
    kj::Promise<void> cancel(CancelContext) override {
      command_->cancelled = true;
      if (command_->sent) return kj::READY_NOW;
      sending_ = nullptr;
      return command_->tellNotSent({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""});
    }

   private:
    std::shared_ptr<StartedCommand> command_;
    kj::Promise<void> sending_;
  };
};

struct JobWishes {
  bool idempotent = false;
  uint32_t retries = 0;
  std::vector<Dependency> after = {};
  std::string key = "";
  std::string name = "";
  uint64_t deadlineMs = 0;  // a time of day
  std::string caller = "me";
  std::string target = "web1";
};

// What became of a job, for comparing.
struct Fate {
  schema::Outcome::State::Which state;
  int status;
  Reason reason;
};

class JobStage {
 public:
  explicit JobStage(core::LaneLimits lanes = {}, JobLimits limits = {}) : lanes_(lanes), limits_(limits) { start(); }
  ~JobStage() { keeper.reset(); }

  // The daemon dies; what it had begun to write may be written or not.
  void die() {
    hosts.running.clear();
    keeper.reset();
    queue.reset();
  }
  CommandQueue& makeQueue() {
    queue = std::make_unique<CommandQueue>(loop.timer, lanes_);
    return *queue;
  }
  void start() {
    makeQueue();
    keeper = std::make_unique<JobKeeper>(loop, kj::systemPreciseCalendarClock(), *queue, hosts, folder.path("state"),
                                         limits_);
    REQUIRE(keeper->open());
  }
  void restart() {
    die();
    start();
  }

  template <typename T>
  T await(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }

  Task<Expected<Added>> submission(const std::string& line, const JobWishes& wishes = {}) {
    Job job;
    job.target = job.host = wishes.target;
    job.command = line;
    job.caller = wishes.caller;
    job.name = wishes.name;
    job.idempotent = wishes.idempotent;
    job.retries = wishes.retries;
    job.after = wishes.after;
    job.idempotencyKey = wishes.key;
    job.deadlineMs = wishes.deadlineMs;
    capnp::MallocMessageBuilder request;
    auto exec = request.initRoot<schema::ExecRequest>();
    exec.setTarget(wishes.target);
    exec.initSpec().getCommand().setLine(kj::StringPtr(line.c_str(), line.size()).asBytes());
    capnp::MallocMessageBuilder context;
    return keeper->submit(kj::mv(job),
                          {encoded(exec.asReader()), encoded(context.initRoot<schema::CallerContext>().asReader())});
  }
  // The id of a job that is accepted.
  std::string submit(const std::string& line, const JobWishes& wishes = {}) {
    auto added = await(submission(line, wishes));
    REQUIRE(added);
    return added->id;
  }

  // Turns the loop until it holds.
  template <typename Condition>
  void until(Condition condition) {
    for (int turns = 0; !condition(); ++turns) {
      REQUIRE(turns < 20'000);
      loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    }
  }
  // The command that has been running longest, once there is one.
  std::shared_ptr<StartedCommand> next() {
    until([&]() { return !hosts.running.empty(); });
    auto command = hosts.running.front();
    hosts.running.pop_front();
    return command;
  }

  void print(StartedCommand& command, const std::string& text,
             schema::OutputStream stream = schema::OutputStream::STDOUT) {
    auto request = command.sink.writeRequest();
    request.setStream(stream);
    request.setBytes(kj::StringPtr(text.c_str(), text.size()).asBytes());
    request.send().wait(io.waitScope);
  }
  void exit(StartedCommand& command, int status) {
    auto request = command.sink.finishedRequest();
    request.initOutcome().getState().setExited(status);
    request.send().ignoreResult().wait(io.waitScope);
    command.told->fulfill();
  }
  void fail(StartedCommand& command, bool maybeSent, const Error& error) {
    auto request = command.sink.finishedRequest();
    if (maybeSent) request.initOutcome().getState().setUnknown();
    encode(error, request.getOutcome().initError());
    request.send().ignoreResult().wait(io.waitScope);
    command.told->fulfill();
  }

  Job find(const std::string& id) {
    auto jobs = await(keeper->list({.jobs = {id}}));
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 1);
    return kj::mv(jobs->front());
  }
  // Of a job that ends.
  Fate fate(const std::string& id) {
    auto awaited = await(keeper->await({id}, false, 20 * kj::SECONDS));
    REQUIRE(awaited);
    REQUIRE(awaited->done);
    Decoded<schema::Outcome> outcome(awaited->jobs.front().outcome);
    auto state = outcome.get().getState();
    return {state.which(), state.isExited() ? state.getExited() : -1, decode(outcome.get().getError()).reason};
  }
  std::string log(const std::string& id, schema::OutputStream stream = schema::OutputStream::STDOUT) {
    std::string text;
    uint64_t offset = 0;
    uint32_t attempt = 0;
    for (;;) {
      auto part = await(keeper->readLog(id, attempt, offset, 20 * kj::SECONDS));
      REQUIRE(part);
      if (part->attempt != attempt) text.clear();
      size_t used = 0;
      for (const LogFrame& frame : logFrames(part->bytes, part->bytes.size(), used)) {
        if (frame.stream == stream) text += frame.bytes;
      }
      attempt = part->attempt;
      offset = part->next;
      if (part->complete) return text;
    }
  }

  test::TempFolder folder;
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  FakeHosts hosts;
  std::unique_ptr<CommandQueue> queue;
  std::unique_ptr<JobKeeper> keeper;

 private:
  core::LaneLimits lanes_;
  JobLimits limits_;
};

}  // namespace cbs::queue
