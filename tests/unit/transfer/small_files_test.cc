#include "agentd/transfer/small_files.h"
#include "tests/unit/transfer/mover_world.h"

namespace cbs::transfer {
namespace {

using What = Event::What;

TEST_CASE("small files move in groups, several at once") {
  MoverWorld world;
  for (int i = 0; i < 40 * 64; ++i) world.source.file(std::to_string(i), "hello");
  world.source.wholeGate.close();
  auto running = world.begin();
  world.settle();
  REQUIRE(world.source.groups == std::vector<size_t>(kGroupsAtOnce, 64));
  REQUIRE(world.tally().current == std::to_string((kGroupsAtOnce - 1) * 64));
  world.source.wholeGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.source.groups.size() == 40);
  REQUIRE(world.source.wholeGate.most == kGroupsAtOnce);
  REQUIRE(world.tally().moved == 40 * 64);
}

TEST_CASE("a group has at most a mebibyte") {
  MoverWorld world;
  for (int i = 0; i < 20; ++i) world.source.file(std::to_string(i), std::string(kSmallFile, 'x'));
  world.move();
  REQUIRE(world.source.groups == std::vector<size_t>{16, 4});
}

TEST_CASE("a group that is not full is held back only while another one is under way") {
  MoverWorld world;
  world.source.file("a", "hello");
  world.source.nextBatch();
  world.source.file("b", "hello");
  world.source.nextBatch();
  world.source.file("c", "hello");
  world.source.nextBatch();
  world.source.file("last", "hello");
  world.source.wholeGate.close();
  world.source.nextGate.close();
  auto running = world.begin();
  auto nextBatch = [&]() {
    world.source.nextGate.open();
    world.source.nextGate.close();
    world.settle();
  };
  world.settle();
  nextBatch();
  REQUIRE(world.source.groups == std::vector<size_t>{1});
  nextBatch();
  nextBatch();
  REQUIRE(world.source.groups == std::vector<size_t>{1});
  world.source.wholeGate.open();
  world.settle();
  REQUIRE(world.source.groups == std::vector<size_t>{1, 2});
  nextBatch();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.source.groups == std::vector<size_t>{1, 2, 1});
}

TEST_CASE("a small file that fails is told, and the others of its group arrive") {
  MoverWorld world;
  for (std::string name : {"a", "unreadable", "b", "unwritable", "c"}) world.source.file(name, "hello");
  world.source.readFailures["unreadable"] = fileError(Reason::PERMISSION_DENIED);
  world.sink.putFailures["unwritable"] = fileError(Reason::REMOTE_IO);
  world.move();
  REQUIRE(world.event("unreadable").error.reason == Reason::PERMISSION_DENIED);
  REQUIRE(world.event("unwritable").error.reason == Reason::REMOTE_IO);
  REQUIRE(world.mover->firstFailure().reason == Reason::PERMISSION_DENIED);
  REQUIRE(world.tally().moved == 3);
  REQUIRE(world.tally().failed == 2);
  REQUIRE(world.tally().entries == 5);
  REQUIRE(world.tally().bytes == 15);
}

TEST_CASE("a full disk ends the transfer, after what the same call has done was told") {
  MoverWorld world;
  for (std::string name : {"a", "b", "c"}) world.source.file(name, "hello");
  world.sink.putFailures["b"] = fileError(Reason::NO_SPACE);
  auto result = world.run();
  REQUIRE_FALSE(result);
  REQUIRE(result.error().reason == Reason::NO_SPACE);
  REQUIRE(world.event("a").what == What::MOVED);
  REQUIRE(world.event("c").what == What::MOVED);
  REQUIRE_FALSE(world.told("b"));
  REQUIRE_FALSE(world.sink.finished);
}

TEST_CASE("files that say they are empty take something from the budget as well") {
  MoverWorld world;
  Budget budget(size_t{2} * 1024 * 1024);
  for (int i = 0; i < 40 * 64; ++i) world.source.file(std::to_string(i), "");
  world.source.wholeGate.close();
  world.mover.emplace(world.loop, world.source, world.sink, world.options, budget, world);
  auto running = world.mover->run();
  world.settle();
  REQUIRE(world.source.wholeGate.inside == 4 + 4);
  world.source.wholeGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.tally().moved == 40 * 64);
}

TEST_CASE("groups take from the budget what they hold") {
  MoverWorld world;
  Budget budget(size_t{2} * 1024 * 1024);
  for (int i = 0; i < 16 * 5; ++i) world.source.file(std::to_string(i), std::string(kSmallFile, 'x'));
  world.sink.putGate.close();
  world.mover.emplace(world.loop, world.source, world.sink, world.options, budget, world);
  auto running = world.mover->run();
  world.settle();
  REQUIRE(world.source.groups.size() == 2);
  world.sink.putGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.tally().moved == 80);
}

}  // namespace
}  // namespace cbs::transfer
