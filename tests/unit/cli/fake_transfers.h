// The program with a daemon whose transfers and listings go as the test says.
#pragma once

#include "cli/bytes.h"
#include "cli/transfer/transfer_text.h"
#include "tests/unit/cli/job_program.h"

#include <functional>

namespace cbs::cli {

using What = schema::TransferEvent::What;

struct FakeEvent {
  std::string path;
  What what = What::MOVED;
  uint64_t bytes = 0;
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  std::string sha256 = "";
};

inline Error fileError(Reason reason, const std::string& path) {
  return Error{ErrorKind::TRANSFER_FAILED, reason, ""}.with("remotePath", path);
}

// What the caller offered to hear of it by.
class Told {
 public:
  explicit Told(schema::TransferObserver::Client observer) : observer_(kj::mv(observer)) {}

  kj::Promise<void> progress(uint64_t bytes, uint64_t total, uint64_t files = 0) {
    auto request = observer_.progressRequest();
    auto to = request.initProgress();
    to.setBytes(bytes);
    to.setTotalBytes(total);
    to.setTotalFiles(files);
    return request.send();
  }
  kj::Promise<void> events(const std::vector<FakeEvent>& events) {
    auto request = observer_.eventsRequest();
    auto list = request.initEvents(static_cast<unsigned>(events.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setPath(bytesOf(events[i].path));
      list[i].setWhat(events[i].what);
      list[i].setBytes(events[i].bytes);
      list[i].setSha256(bytesOf(events[i].sha256));
      encode(events[i].error, list[i].initError());
    }
    return request.send();
  }
  kj::Promise<void> finished(std::function<void(schema::TransferResult::Builder)> fill) {
    auto request = observer_.finishedRequest();
    fill(request.initResult());
    return request.send().ignoreResult();
  }

 private:
  schema::TransferObserver::Client observer_;
};

using Fill = std::function<void(schema::TransferResult::Builder)>;

// Tells `events`, then the result.
class FakeTransfer final : public schema::Transfer::Server {
 public:
  struct Plan {
    std::vector<FakeEvent> events = {};
    Fill result = [](auto) {};
    uint64_t bytesSoFar = 0;
    bool waitsForCancel = false;
    std::function<void()> onProgress = []() {};  // when the caller has it
    std::function<void()> onCancel = nullptr;    // instead of the result
    std::vector<std::string> seen = {};          // "cancel"
  };

  FakeTransfer(schema::TransferObserver::Client observer, Plan& plan) : told_(kj::mv(observer)), plan_(plan) {
    running_ = start().promise().eagerlyEvaluate([](kj::Exception&&) {});
  }
  kj::Promise<void> cancel(CancelContext) override {
    plan_.seen.push_back("cancel");
    if (plan_.onCancel) return plan_.onCancel(), kj::READY_NOW;
    ending_ = told_.finished(plan_.result).eagerlyEvaluate([](kj::Exception&&) {});
    return kj::READY_NOW;
  }

 private:
  Task<void> start() {
    auto progress = told_.progress(plan_.bytesSoFar, 2 * plan_.bytesSoFar, 1);
    co_await progress;
    auto events = told_.events(plan_.events);
    co_await events;
    plan_.onProgress();
    if (plan_.waitsForCancel) co_return;
    auto finished = told_.finished(plan_.result);
    co_await finished;
  }

  Told told_;
  Plan& plan_;
  kj::Promise<void> running_ = nullptr;
  kj::Promise<void> ending_ = nullptr;
};

// The program; `ask` sees the request.
struct TransferProgram : Program {
  TransferProgram() {
    daemon.script.transfer = [this](Agent::TransferParams::Reader asked, Agent::TransferResults::Builder to) {
      ask(asked.getRequest());
      to.setTransfer(kj::heap<FakeTransfer>(asked.getObserver(), plan));
      return kj::Promise<void>(kj::READY_NOW);
    };
  }
  FakeTransfer::Plan plan;
  std::function<void(schema::TransferRequest::Reader)> ask = [](auto) {};
};

}  // namespace cbs::cli
