// A caller of many hosts, and an engine whose commands a test leads.
#pragma once

#include "tests/support/fan_told.h"
#include "tests/unit/rpc/rpc_world.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cbs::rpc {

// A command that the engine has: what it was asked, and who hears of it.
struct EngineCommand {
  std::string line;
  uint64_t timeoutMs;
  std::string caller;
  schema::OutputSink::Client output;
  std::vector<std::string> signals = {};
  std::string input = {};
  bool inputEnded = false;
  size_t largestPiece = 0;
  bool dropped = false;

  void exit(int status) {
    auto request = output.finishedRequest();
    request.initOutcome().getState().setExited(status);
    request.send().detach([](kj::Exception&&) {});
  }
  kj::Promise<void> print(const std::string& text) {
    auto request = output.writeRequest();
    request.setBytes(kj::arrayPtr(text.data(), text.size()).asBytes());
    return request.send();
  }
};

// They are told apart by the order in which they came.
class LedEngine {
 public:
  FakeEngine::OnExec onExec() {
    return [this](auto context) {
      auto params = context.getParams();
      auto line = params.getSpec().getCommand().getLine();
      commands_.push_back(
          std::make_shared<EngineCommand>(EngineCommand{.line = std::string(line.asChars().begin(), line.size()),
                                                        .timeoutMs = params.getSpec().getTimeoutMs(),
                                                        .caller = params.getCaller().cStr(),
                                                        .output = params.getOutput()}));
      context.getResults().setCommand(kj::heap<Hold>(commands_.back()));
      return kj::Promise<void>(kj::READY_NOW);
    };
  }
  size_t size() const { return commands_.size(); }
  EngineCommand& operator[](size_t i) { return *commands_.at(i); }

 private:
  class Input final : public schema::ByteSink::Server {
   public:
    explicit Input(std::shared_ptr<EngineCommand> command) : command_(std::move(command)) {}
    kj::Promise<void> write(WriteContext context) override {
      auto bytes = context.getParams().getBytes().asChars();
      command_->largestPiece = std::max<size_t>(command_->largestPiece, bytes.size());
      command_->input.append(bytes.begin(), bytes.size());
      return kj::READY_NOW;
    }
    kj::Promise<void> end(EndContext) override {
      command_->inputEnded = true;
      return kj::READY_NOW;
    }

   private:
    std::shared_ptr<EngineCommand> command_;
  };
  class Hold final : public schema::Command::Server {
   public:
    explicit Hold(std::shared_ptr<EngineCommand> command) : command_(std::move(command)) {}
    ~Hold() { command_->dropped = true; }
    kj::Promise<void> stdin(StdinContext context) override {
      context.getResults().setSink(kj::heap<Input>(command_));
      return kj::READY_NOW;
    }
    kj::Promise<void> signal(SignalContext context) override {
      command_->signals.emplace_back(context.getParams().getName().cStr());
      return kj::READY_NOW;
    }
    kj::Promise<void> cancel(CancelContext) override {
      command_->signals.emplace_back("cancel");
      return kj::READY_NOW;
    }

   private:
    std::shared_ptr<EngineCommand> command_;
  };

  std::vector<std::shared_ptr<EngineCommand>> commands_;
};

// Its engine goes before its loop.
struct FanWorld : LedEngine, RpcWorld {
  FanWorld() : RpcWorld(LedEngine::onExec(), {}) {}

  auto request(unsigned hosts) {
    auto request = agent.fanOutRequest();
    auto fan = request.initRequest();
    auto targets = fan.initTargets(hosts);
    for (unsigned i = 0; i < hosts; ++i) {
      auto target = "127.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
      targets.set(i, target.c_str());
    }
    fan.getWork().initExec().initSpec().getCommand().setLine(kj::StringPtr("uptime").asBytes());
    request.setObserver(kj::heap<test::RecordingObserver>(told));
    return request;
  }
  // Turns the loop until so many commands have come to the engine, and have been told of as begun.
  void awaitBegun(size_t count) {
    turnUntil([&]() { return size() == count; });
  }
  void awaitFinish() {
    turnUntil([&]() { return told.finished; });
  }
  test::FanTold told;
};

}  // namespace cbs::rpc
