// A program that runs a command on many hosts over RPC.
#pragma once

#include "common/agent_client.h"
#include "tests/support/fan_told.h"

#include <kj/async-io.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cbs::test {

// As schema::FanOutRequest.
struct FanOutSpec {
  std::vector<std::string> targets;
  std::string line;
  std::string input = "";  // "": none
  uint32_t atOnce = 0;
  uint32_t batch = 0;
  uint32_t maxFailures = UINT32_MAX;
  uint64_t delayMs = 0;
  uint64_t deadlineMs = 0;
  uint64_t timeoutMs = 0;
};

// Lives on one thread, with an event loop of its own. Its end is that of the command.
class FanOutCaller {
 public:
  FanOutCaller(const std::string& socket, const FanOutSpec& spec);

  FanTold& told() { return told_; }

  // Turns the loop until it holds; throws when it takes too long.
  void await(const std::function<bool()>& condition);
  void awaitFinish() {
    await([this]() { return told_.finished; });
  }
  void signal(kj::StringPtr name);

 private:
  FanTold told_;
  kj::AsyncIoContext io_;
  std::unique_ptr<AgentClient> client_;
  schema::FanOut::Client fanOut_ = nullptr;
};

}  // namespace cbs::test
