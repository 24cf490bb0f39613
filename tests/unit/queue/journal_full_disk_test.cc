#include "agentd/queue/journal.h"

#include "tests/support/small_disk.h"
#include "tests/unit/queue/journal_world.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::queue {
namespace {

// A journal on a disk of a megabyte.
struct SmallWorld : EventLoop {
  SmallWorld() {
    if (!disk.mounted()) SKIP("only root can mount a small disk");
    journal = *Journal::open(loop, disk_ + "/state");
  }
  Expected<Added> add(unsigned number, size_t size) {
    return wait(journal->add({.id = idOf(number)}, {std::string(size, 'r'), ""}));
  }
  // Adds jobs until there is no space, and returns how many there are.
  unsigned fill() {
    for (unsigned number = 0; number < 100; ++number) {
      auto added = add(number, 40'000);
      if (added) continue;
      REQUIRE(added.error().kind == ErrorKind::OVERLOADED);
      REQUIRE(added.error().reason == Reason::JOURNAL_UNAVAILABLE);
      REQUIRE(added.error().fact("full") == "true");
      REQUIRE(added.error().fact("file") == disk_ + "/state/jobs.db");
      return number;
    }
    FAIL("the disk does not fill");
    return 0;
  }

  test::TempFolder temp;
  std::string disk_ = temp.makeFolder("disk");
  test::SmallDisk disk{disk_, 1 << 20};
  kj::Own<Journal> journal;
};

TEST_CASE("on a full disk nothing of an operation happens, and what was there stays") {
  SmallWorld world;
  unsigned count = world.fill();
  REQUIRE(count > 3);
  for (int round = 0; round < 2; ++round) {
    auto listed = *world.wait(world.journal->list({}));
    REQUIRE(listed.size() == count);
    for (const Job& job : listed) REQUIRE(job.state == schema::JobState::QUEUED);
    world.journal = {};
    world.journal = *Journal::open(world.loop, world.disk_ + "/state");
  }
}

TEST_CASE("operations work again when there is space") {
  SmallWorld world;
  world.temp.write("disk/ballast", std::string(600 * 1024, 'b'));
  unsigned count = world.fill();
  Ending ending{.id = idOf(0), .endedMs = 1, .log = std::string(300'000, 'l')};
  auto ended = world.wait(world.journal->end(ending));
  REQUIRE_FALSE(ended);
  REQUIRE(ended.error().fact("full") == "true");
  std::filesystem::remove(world.temp.path("disk/ballast"));
  REQUIRE(world.wait(world.journal->end(ending)));
  REQUIRE(world.add(count, 40'000));
  REQUIRE(*world.wait(world.journal->log(idOf(0))) == ending.log);
  REQUIRE(world.wait(world.journal->list({}))->size() == count + 1);
}

TEST_CASE("operations that share a transaction that does not fit fail together") {
  SmallWorld world;
  auto small = world.journal->add({.id = idOf(1)}, {});
  auto large = world.journal->add({.id = idOf(2)}, {std::string(2 << 20, 'r'), ""});
  auto refused = world.wait(std::move(large));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().fact("full") == "true");
  REQUIRE_FALSE(world.wait(std::move(small)));
  REQUIRE(world.wait(world.journal->list({}))->empty());
  REQUIRE(world.add(1, 10));
}

}  // namespace
}  // namespace cbs::queue
