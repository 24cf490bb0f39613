#include "tests/support/fan_out_caller.h"

#include "common/local_socket.h"
#include "tests/support/child_process.h"
#include "tests/support/failure.h"

#include <chrono>

namespace cbs::test {
namespace {

kj::ArrayPtr<const kj::byte> bytesOf(const std::string& text) {
  return kj::arrayPtr(text.data(), text.size()).asBytes();
}

void describe(const FanOutSpec& spec, schema::FanOutRequest::Builder to) {
  auto targets = to.initTargets(static_cast<unsigned>(spec.targets.size()));
  for (unsigned i = 0; i < targets.size(); ++i) targets.set(i, spec.targets[i].c_str());
  auto command = to.getWork().initExec().initSpec();
  command.getCommand().setLine(bytesOf(spec.line));
  command.setTimeoutMs(spec.timeoutMs);
  command.setForwardStdin(!spec.input.empty());
  to.setInput(bytesOf(spec.input));
  to.setAtOnce(spec.atOnce);
  to.setBatch(spec.batch);
  to.setMaxFailures(spec.maxFailures);
  to.setDelayMs(spec.delayMs);
  to.setDeadlineMs(spec.deadlineMs);
}

}  // namespace

FanOutCaller::FanOutCaller(const std::string& socket, const FanOutSpec& spec) : io_(kj::setupAsyncIo()) {
  auto connected = connectLocal(socket);
  if (!connected) fail("there is no daemon: " + connected.error().detail);
  Loop loop{io_.unixEventPort, io_.provider->getTimer(), *io_.lowLevelProvider};
  client_ = std::make_unique<AgentClient>(loop, kj::mv(*connected), "test");
  auto request = client_->agent().fanOutRequest();
  describe(spec, request.initRequest());
  request.setObserver(kj::heap<RecordingObserver>(told_));
  fanOut_ = request.send().wait(io_.waitScope).getFanOut();
}

void FanOutCaller::await(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) fail("the hosts take too long");
    io_.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io_.waitScope);
  }
}

void FanOutCaller::signal(kj::StringPtr name) {
  auto request = fanOut_.signalRequest();
  request.setName(name);
  request.send().wait(io_.waitScope);
}

}  // namespace cbs::test
