// A daemon in the test's own event loop, which does what the test says.
#pragma once

#include "common/agent_client.h"

#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

namespace cbs::cli {

// What the fake was asked to do to a command, in order: "signal INT", "stdin 12", "end", "resize 80x24".
struct Requests {
  std::vector<std::string> log;
  std::string input;
  bool inputEnded = false;
  bool dropped = false;
  std::function<void()> onChange = []() {};

  void note(std::string what) {
    log.push_back(std::move(what));
    onChange();
  }
};

class FakeInput final : public schema::ByteSink::Server {
 public:
  explicit FakeInput(Requests& requests) : requests_(requests) {}
  kj::Promise<void> write(WriteContext context) override {
    auto bytes = context.getParams().getBytes();
    requests_.input.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    requests_.onChange();
    return kj::READY_NOW;
  }
  kj::Promise<void> end(EndContext) override {
    requests_.inputEnded = true;
    requests_.note("end");
    return kj::READY_NOW;
  }

 private:
  Requests& requests_;
};

class FakeCommand final : public schema::Command::Server {
 public:
  explicit FakeCommand(Requests& requests) : requests_(requests) {}
  ~FakeCommand() noexcept(false) { requests_.dropped = true; }
  kj::Promise<void> stdin(StdinContext context) override {
    context.getResults().setSink(kj::heap<FakeInput>(requests_));
    return kj::READY_NOW;
  }
  kj::Promise<void> signal(SignalContext context) override {
    requests_.note(std::string("signal ") + context.getParams().getName().cStr());
    return kj::READY_NOW;
  }
  kj::Promise<void> resize(ResizeContext) override {
    requests_.note("resize");
    return kj::READY_NOW;
  }

 private:
  Requests& requests_;
};

class FakeAgent final : public schema::Agent::Server {
 public:
  using Behaviour = std::function<kj::Promise<void>(schema::ExecRequest::Reader, schema::OutputSink::Client)>;
  FakeAgent(Requests& requests, Behaviour behaviour) : requests_(requests), behaviour_(kj::mv(behaviour)) {}
  kj::Promise<void> exec(ExecContext context) override {
    context.getResults().setCommand(kj::heap<FakeCommand>(requests_));
    running_ = behaviour_(context.getParams().getRequest(), context.getParams().getOutput())
                   .eagerlyEvaluate([](kj::Exception&&) {});
    return kj::READY_NOW;
  }

 private:
  Requests& requests_;
  Behaviour behaviour_;
  kj::Promise<void> running_ = nullptr;
};

class FakeDoor final : public schema::Door::Server {
 public:
  // `refusal`: what hello answers instead of an agent; null: nothing in the way.
  FakeDoor(kj::Own<schema::Agent::Server> agent, bool refuses) : agent_(kj::mv(agent)), refuses_(refuses) {}
  kj::Promise<void> hello(HelloContext context) override {
    auto results = context.getResults();
    auto daemon = results.initDaemon();
    daemon.setProtocol(schema::PROTOCOL_VERSION);
    daemon.setVersion("9.9.9");
    daemon.setPid(4711);
    if (refuses_) {
      encode({ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, "no"}, results.initError());
    } else {
      results.setAgent(kj::mv(agent_));
    }
    return kj::READY_NOW;
  }

 private:
  kj::Own<schema::Agent::Server> agent_;
  bool refuses_;
};

// Both ends of one connection.
struct FakeDaemon {
  explicit FakeDaemon(FakeAgent::Behaviour behaviour, bool refuses = false) {
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    serverStream = io.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(ends[0]));
    server = kj::heap<capnp::TwoPartyClient>(
        *serverStream, 1, kj::heap<FakeDoor>(kj::heap<FakeAgent>(requests, kj::mv(behaviour)), refuses),
        capnp::rpc::twoparty::Side::SERVER);
    client = kj::heap<AgentClient>(loop(), kj::AutoCloseFd(ends[1]), "1.2.3");
  }
  Loop loop() { return {io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider}; }
  void die() {
    server = nullptr;
    serverStream = nullptr;
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Requests requests;
  kj::Own<kj::AsyncCapabilityStream> serverStream;
  kj::Own<capnp::TwoPartyClient> server;
  kj::Own<AgentClient> client;
};

// Answers for a fake's behaviour.
inline kj::Promise<void> print(schema::OutputSink::Client output, schema::OutputStream stream, std::string text) {
  auto request = output.writeRequest();
  request.setStream(stream);
  request.setBytes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(text.data()), text.size()));
  return request.send();
}

inline kj::Promise<void> exited(schema::OutputSink::Client output, int code) {
  auto request = output.finishedRequest();
  request.initOutcome().getState().setExited(code);
  return request.send().ignoreResult();
}

}  // namespace cbs::cli
