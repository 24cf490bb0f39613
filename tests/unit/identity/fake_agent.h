// An ssh-agent that misbehaves as it is told.
#pragma once

#include "tests/unit/identity/world.h"

#include <string>

namespace cbs::identity {

// Answers each request with the same bytes, then closes the connection, or keeps it open in silence.
class FakeAgent {
 public:
  enum class Then { CLOSES, STAYS };

  FakeAgent(World& world, std::string answer, Then then)
      : path_(world.folder.path("fake-agent.sock")), answer_(std::move(answer)), then_(then) {
    auto address = world.wait(world.io.provider->getNetwork().parseAddress(("unix:" + path_).c_str()));
    serving_ = serve(address->listen()).promise().eagerlyEvaluate(nullptr);
  }

  const std::string& path() const { return path_; }
  int requests() const { return requests_; }

 private:
  Task<void> serve(kj::Own<kj::ConnectionReceiver> listener) {
    std::vector<kj::Own<kj::AsyncIoStream>> open;
    for (;;) {
      auto stream = co_await listener->accept();
      char header[5];
      co_await stream->tryRead(header, 5, 5);
      ++requests_;
      try {
        co_await stream->write(answer_.data(), answer_.size());
      } catch (const kj::Exception&) {
        continue;  // a client that has seen enough has gone
      }
      if (then_ == Then::STAYS) open.push_back(kj::mv(stream));
    }
  }

  std::string path_;
  std::string answer_;
  Then then_;
  int requests_ = 0;
  kj::Promise<void> serving_ = nullptr;
};

}  // namespace cbs::identity
