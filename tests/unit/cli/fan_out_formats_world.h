// What the presenters of many hosts' output need, and what they make of it.
#pragma once

#include "cli/bytes.h"
#include "cli/fanout/formats.h"
#include "tests/support/text.h"

#include <capnp/message.h>
#include <kj/async-io.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {

class FormatConsole final : public Console {
 public:
  Task<Expected<void>> write(schema::OutputStream stream, std::string text) override {
    if (failure.kind != ErrorKind::NONE) co_return fail(failure);
    (stream == schema::OutputStream::STDOUT ? out : err) += text;
    co_return Expected<void>();
  }
  bool isTerminal(schema::OutputStream) const override { return terminal; }
  bool coloured(schema::OutputStream) const override { return colours; }

  std::string out;
  std::string err;
  bool terminal = false;
  bool colours = false;
  Error failure = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};  // of each write
};

inline HostEnd exited(int status, uint64_t runUs = 0) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  outcome.getState().setExited(status);
  outcome.initTimes().setRunUs(runUs);
  outcome.setId("01k5q3v8zt7c2m4x");
  return HostEnd::told(outcome);
}

inline HostEnd refused() {
  return HostEnd::notBegun({ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, "Connection refused"});
}

inline HostEnd neverBegun() { return HostEnd::notBegun({ErrorKind::CANCELLED, Reason::FAILURES_EXCEEDED, ""}); }

// Some hosts, a presenter for them, and calls on it as the daemon's events cause them. Every host has been told to have
// exited with 0 in the end unless a test says otherwise.
struct FormatWorld {
  explicit FormatWorld(std::vector<std::string> names) : targets(std::move(names)) {
    for (size_t i = 0; i < targets.size(); ++i) hostEnds.push_back(exited(0));
  }

  PresenterNeeds needs() { return {targets, command, console, loop}; }

  void start(const FormatOptions& options, const std::string& output = "text") {
    auto made = makePresenter(options, output, needs());
    REQUIRE(made);
    presenter = std::move(*made);
  }

  static Expected<void> wait(Task<Expected<void>> task, kj::WaitScope& scope) {
    return std::move(task).promise().wait(scope);
  }
  void begins(uint32_t host) { CHECK(wait(presenter->started(host), io.waitScope)); }
  Expected<void> tryPrint(uint32_t host, std::string_view text,
                          schema::OutputStream stream = schema::OutputStream::STDOUT) {
    return wait(presenter->output(host, stream, bytesOf(text)), io.waitScope);
  }
  void prints(uint32_t host, std::string_view text, schema::OutputStream stream = schema::OutputStream::STDOUT) {
    CHECK(tryPrint(host, text, stream));
  }
  void complains(uint32_t host, std::string_view text) { prints(host, text, schema::OutputStream::STDERR); }
  void ends(uint32_t host) { CHECK(wait(presenter->ended(host, hostEnds[host]), io.waitScope)); }
  void endsWith(uint32_t host, HostEnd end) {
    hostEnds[host] = std::move(end);
    ends(host);
  }
  void finish(int exitCode = 0) {
    CHECK(wait(presenter->finish({targets, hostEnds, exitCode, 1500 * kj::MILLISECONDS}), io.waitScope));
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  std::vector<std::string> targets;
  std::string command = "uptime";
  FormatConsole console;
  std::vector<HostEnd> hostEnds;
  std::unique_ptr<Presenter> presenter;
};

}  // namespace cbs::cli
