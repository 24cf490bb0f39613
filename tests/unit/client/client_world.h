// What tests of the client library share.
#pragma once

#include "tests/support/temp_folder.h"
#include "tests/unit/client/fake_daemon.h"

#include <cbsession/client.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>

namespace cbs::client {

// What a call brings, which has to come soon.
template <typename Future>
auto soon(Future&& future) {
  bool came = future.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  if (!came) throw std::runtime_error("the call does not end");
  return future.get();
}

// Why a call failed.
template <typename Future>
cbsession::Failure failureOf(Future&& future) {
  try {
    soon(future);
  } catch (const cbsession::Error& error) {
    return error.failure();
  }
  return {.reason = "it did not fail"};
}

// A place for a daemon, and a client that looks for it there.
struct World {
  cbsession::Options options(unsigned commandsAtOnce = 256) const {
    return {.socket = socket, .commandsAtOnce = commandsAtOnce};
  }

  test::TempFolder folder;
  std::string socket = folder.path("agentd.sock");
  cbsession::Client client{options()};
};

inline std::string textOf(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

// Answers of a fake.
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

// A command that tells when it is dropped.
class FakeCommand final : public schema::Command::Server {
 public:
  explicit FakeCommand(std::function<void()> onDrop = []() {}) : onDrop_(std::move(onDrop)) {}
  ~FakeCommand() noexcept(false) { onDrop_(); }

 private:
  std::function<void()> onDrop_;
};

}  // namespace cbs::client
