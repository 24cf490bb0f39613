// What is shown of work on many hosts, without a terminal and without a daemon.
#pragma once

#include "cli/bytes.h"
#include "cli/fanout/console.h"
#include "cli/fanout/presenter.h"

#include <capnp/message.h>

#include <string>
#include <vector>

namespace cbs::cli {

// A console that keeps what is written.
class FakeConsole final : public Console {
 public:
  explicit FakeConsole(bool terminal = false, bool colours = false) : terminal_(terminal), colours_(colours) {}

  Task<Expected<void>> write(schema::OutputStream stream, std::string text) override {
    (stream == schema::OutputStream::STDOUT ? out : err) += text;
    largest = std::max(largest, text.size());
    co_return Expected<void>();
  }
  bool isTerminal(schema::OutputStream) const override { return terminal_; }
  bool coloured(schema::OutputStream) const override { return colours_; }

  std::string out, err;
  size_t largest = 0;  // of what was written at once

 private:
  bool terminal_;
  bool colours_;
};

inline HostEnd exitedWith(int code) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  outcome.getState().setExited(code);
  return HostEnd::told(outcome);
}

inline HostEnd notSent(ErrorKind kind, Reason reason, const std::string& detail = "") {
  return HostEnd::notBegun({kind, reason, detail});
}

}  // namespace cbs::cli
