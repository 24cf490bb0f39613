#include "agentd/transfer/allotment.h"

#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>

#include <vector>

namespace cbs::transfer {
namespace {

constexpr size_t kPiece = Allotment::kOwn / 4;

struct AllotmentWorld {
  // Takes pieces until there is no more.
  static std::vector<Allotment::Part> takeAll(Allotment& allotment) {
    std::vector<Allotment::Part> parts;
    for (;;) {
      auto part = allotment.take(kPiece);
      if (!part.finished()) return parts;
      parts.push_back(part.take());
    }
  }
  void settle() { waits.poll(); }

  kj::EventLoop loop;
  kj::WaitScope waits{loop};
  Budget shared{16 * kPiece};
  Allotment first{shared}, second{shared}, third{shared};
};

TEST_CASE("one transfer has something of its own, and half of what all share at most") {
  AllotmentWorld world;
  CHECK(world.takeAll(world.first).size() == 4 + 8);
}

TEST_CASE("a transfer goes on with what is its own when others have taken all that is shared") {
  AllotmentWorld world;
  auto first = world.takeAll(world.first);
  auto second = world.takeAll(world.second);
  auto third = world.takeAll(world.third);
  REQUIRE(third.size() == 4);
  auto waiting = world.third.take(kPiece);
  third.pop_back();
  world.settle();
  CHECK(waiting.finished());
}

TEST_CASE("a transfer that waits takes what is free first, its own or what is shared") {
  AllotmentWorld world;
  auto first = world.takeAll(world.first);
  auto second = world.takeAll(world.second);
  auto third = world.takeAll(world.third);
  auto waiting = world.third.take(kPiece);
  second.pop_back();
  world.settle();
  REQUIRE(waiting.finished());
  {
    auto taken = waiting.take();
    CHECK(world.takeAll(world.third).empty());
  }
  third.clear();
  CHECK(world.takeAll(world.third).size() == 5);
}

}  // namespace
}  // namespace cbs::transfer
