// A mover between a source and a sink in memory, on a clock that stands still until it is moved.
#pragma once

#include "agentd/transfer/mover.h"
#include "common/deadline.h"
#include "tests/unit/transfer/fake_sink.h"
#include "tests/unit/transfer/fake_source.h"

#include <catch2/catch_test_macros.hpp>

#include <kj/timer.h>

#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {

// `size` bytes in which no two pieces are alike.
inline std::string someBytes(size_t size, uint64_t seed = 1) {
  std::string bytes(size, 0);
  for (char& byte : bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(seed >> 56);
  }
  return bytes;
}

struct MoverWorld : Listener {
  void tell(Event event) override { events.push_back(std::move(event)); }
  kj::Promise<void> room() override {
    ++roomsAsked;
    return roomGate.pass().promise();
  }

  Task<Expected<void>> begin() {
    mover.emplace(loop, source, sink, options, budget, *this);
    return mover->run();
  }
  Expected<void> ended(Task<Expected<void>> running) { return kj::mv(running).promise().wait(io.waitScope); }
  Expected<void> run() { return ended(begin()); }
  // Runs to an end that must be good.
  void move() {
    auto result = run();
    if (!result) FAIL(nameOf(result.error().reason) << ": " << result.error().detail);
  }
  // Lets all go on that does not wait for the test.
  void settle() { io.waitScope.poll(); }
  // Gives the parts that stay.
  std::vector<std::string> leave() {
    mover->leave().promise().wait(io.waitScope);
    return mover->parts();
  }

  const Tally& tally() const { return mover->tally(); }
  // The only event about that path.
  const Event& event(const std::string& path) const {
    const Event* found = nullptr;
    for (const Event& event : events) {
      if (event.path != path) continue;
      REQUIRE(found == nullptr);
      found = &event;
    }
    INFO("event of " << path);
    REQUIRE(found != nullptr);
    return *found;
  }
  bool told(const std::string& path) const {
    return std::any_of(events.begin(), events.end(), [&](const Event& event) { return event.path == path; });
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::TimerImpl timer{kj::origin<kj::TimePoint>() + 1 * kj::HOURS};
  Loop loop{io.unixEventPort, timer, *io.lowLevelProvider};
  FakeSource source;
  FakeSink sink;
  Options options{.recursive = true};
  Budget budget;
  std::vector<Event> events;
  Gate roomGate;
  unsigned roomsAsked = 0;
  std::optional<Mover> mover;
};

}  // namespace cbs::transfer
