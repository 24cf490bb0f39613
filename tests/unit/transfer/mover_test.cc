#include "tests/unit/transfer/mover_world.h"

namespace cbs::transfer {
namespace {

using What = Event::What;

void addTree(MoverWorld& world) {
  world.source.folder("tree");
  world.source.file("tree/small", "hello");
  world.source.file("tree/empty", "");
  world.source.link("tree/link", "small");
  world.source.nextBatch();
  world.source.folder("tree/sub");
  world.source.file("tree/sub/large", someBytes(300'000));
}

TEST_CASE("a tree arrives as it is") {
  MoverWorld world;
  addTree(world);
  world.move();
  REQUIRE(world.sink.began->first.path == "tree");
  REQUIRE(world.mover->destination() == "/there");
  REQUIRE(world.sink.content("tree/small") == "hello");
  REQUIRE(world.sink.content("tree/empty").empty());
  REQUIRE(world.sink.content("tree/sub/large") == someBytes(300'000));
  REQUIRE(world.sink.nodes.at("tree/link").entry.target == "small");
  REQUIRE(world.sink.parts.empty());
  REQUIRE(world.sink.finished == true);

  REQUIRE(world.event("tree").what == What::MADE);
  REQUIRE(world.event("tree/link").what == What::MADE);
  REQUIRE(world.event("tree/small").what == What::MOVED);
  REQUIRE(world.event("tree/sub/large").bytes == 300'000);
  const Tally& tally = world.tally();
  REQUIRE(tally.moved == 3);
  REQUIRE(tally.entries == 3);
  REQUIRE(tally.totalEntries == 3);
  REQUIRE(tally.bytes == 300'005);
  REQUIRE(tally.totalBytes == 300'005);
  REQUIRE(tally.sentBytes == 300'005);
  REQUIRE(tally.listed);
  REQUIRE(tally.failed == 0);
  REQUIRE(world.mover->firstFailure().kind == ErrorKind::NONE);
}

TEST_CASE("what is unchanged is not moved again") {
  MoverWorld world;
  addTree(world);
  world.sink.folder("tree");
  world.sink.file("tree/small", "HELLO");
  world.sink.file("tree/empty", "", 99);
  world.move();
  REQUIRE(world.event("tree").what == What::UNCHANGED);
  REQUIRE(world.sink.makes.front() == "tree");
  REQUIRE(world.event("tree/small").what == What::UNCHANGED);
  REQUIRE(world.sink.content("tree/small") == "HELLO");
  REQUIRE(world.event("tree/empty").what == What::MOVED);
  REQUIRE(world.tally().unchanged == 1);
  REQUIRE(world.tally().bytes == 300'005);
  REQUIRE(world.tally().sentBytes == 300'000);
}

TEST_CASE("with checksum only what has another content is moved") {
  MoverWorld world;
  world.options = {.checksum = true};
  for (std::string name : {"same", "other", "unreadable"}) {
    world.source.file(name, "hello");
    world.sink.file(name, name == "other" ? "HELLO" : "hello", 7);
  }
  world.source.file("large", someBytes(100'000));
  world.sink.file("large", someBytes(100'000), 7);
  world.source.file("lost", "hello");
  world.sink.file("lost", "hello");
  world.sink.digestFailures["unreadable"] = fileError(Reason::PERMISSION_DENIED);
  world.source.readFailures["lost"] = fileError(Reason::NOT_FOUND);
  world.move();
  REQUIRE(world.event("same").what == What::UNCHANGED);
  REQUIRE(world.event("large").what == What::UNCHANGED);
  REQUIRE(world.event("other").what == What::MOVED);
  REQUIRE(world.sink.content("other") == "hello");
  REQUIRE(world.event("unreadable").what == What::MOVED);
  REQUIRE(world.event("lost").what == What::FAILED);
}

TEST_CASE("what stands in a folder's way fails what is below it, which is told once") {
  MoverWorld world;
  world.source.folder("tree");
  world.source.folder("tree/sub");
  world.source.file("tree/sub/file", "hello");
  world.source.folder("tree/sub/deeper");
  world.source.nextBatch();
  world.source.file("tree/sub/deeper/file", "hello");
  world.source.file("tree/subway", "hello");
  world.sink.folder("tree");
  world.sink.file("tree/sub", "a file");
  world.move();
  REQUIRE(world.event("tree/sub").error.reason == Reason::ALREADY_EXISTS);
  REQUIRE(world.event("tree/sub").error.fact("remotePath") == "/there/sub");
  REQUIRE_FALSE(world.told("tree/sub/file"));
  REQUIRE_FALSE(world.told("tree/sub/deeper"));
  REQUIRE(world.event("tree/subway").what == What::MOVED);
  REQUIRE(world.tally().failed == 4);
  REQUIRE(world.tally().entries == 3);
  REQUIRE(world.sink.makes == std::vector<std::string>{"tree"});
}

TEST_CASE("below a folder that cannot be made nothing is moved, but all is looked at") {
  MoverWorld world;
  world.source.folder("tree");
  world.source.folder("tree/sub");
  world.source.file("tree/file", "hello");
  world.sink.makeFailures["tree"] = fileError(Reason::PERMISSION_DENIED);
  world.move();
  REQUIRE(world.events.size() == 1);
  REQUIRE(world.event("tree").what == What::FAILED);
  REQUIRE(world.tally().failed == 3);
  REQUIRE(world.sink.looked.count("tree/file") == 1);
  REQUIRE(world.mover->firstFailure().reason == Reason::PERMISSION_DENIED);
}

TEST_CASE("a folder that is there takes files even if its mode cannot be set") {
  MoverWorld world;
  world.source.folder("tree");
  world.source.file("tree/file", "hello");
  world.sink.folder("tree");
  world.sink.makeFailures["tree"] = fileError(Reason::PERMISSION_DENIED);
  world.move();
  REQUIRE(world.event("tree").what == What::FAILED);
  REQUIRE(world.sink.content("tree/file") == "hello");
}

TEST_CASE("a special file is skipped, and counts as looked at") {
  MoverWorld world;
  world.source.add({.path = "pipe", .kind = Kind::OTHER});
  world.source.file("file", "hello");
  world.move();
  REQUIRE(world.event("pipe").what == What::SKIPPED);
  REQUIRE(world.event("pipe").error.detail == "neither a file, a folder nor a link");
  REQUIRE(world.tally().skipped == 1);
  REQUIRE(world.tally().failed == 0);
  REQUIRE(world.sink.looked.count("pipe") == 1);
  REQUIRE(world.sink.has("file"));
}

TEST_CASE("what could not be listed is told, and the sink learns that the tree is not complete") {
  MoverWorld world;
  world.source.file("file", "hello");
  world.source.batches.back().errors.push_back({"closed", fileError(Reason::PERMISSION_DENIED)});
  world.move();
  REQUIRE(world.event("closed").what == What::FAILED);
  REQUIRE(world.mover->firstFailure().reason == Reason::PERMISSION_DENIED);
  REQUIRE(world.sink.has("file"));
  REQUIRE(world.sink.finished == false);
}

TEST_CASE("what the sink deletes at the end, or fails to, is told") {
  MoverWorld world;
  world.source.file("file", "hello");
  world.sink.finishing = {{"old", "older"}, {{"oldest", fileError(Reason::PERMISSION_DENIED)}}};
  world.move();
  REQUIRE(world.event("old").what == What::DELETED);
  REQUIRE(world.tally().deleted == 2);
  REQUIRE(world.event("oldest").what == What::FAILED);
  REQUIRE(world.tally().failed == 1);
}

TEST_CASE("the sink is asked to finish until it is done, and what it deletes is told as there is room for it") {
  MoverWorld world;
  world.source.file("file", "hello");
  Sink::Finished some;
  for (int i = 0; i < 2500; ++i) some.deleted.push_back(std::to_string(i));
  world.sink.finishingFirst = {{}, std::move(some)};
  world.sink.finishing = {{"last"}, {}};
  world.sink.finishGate.close();
  auto running = world.begin();
  world.settle();
  const unsigned roomsBefore = world.roomsAsked;
  world.sink.finishGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.sink.finishes == 3);
  REQUIRE(world.tally().deleted == 2501);
  REQUIRE(world.event("last").what == What::DELETED);
  REQUIRE(world.roomsAsked == roomsBefore + 3 + 1);
}

TEST_CASE("a transfer that is given up finishes its sink, in parts") {
  MoverWorld moving;
  moving.source.file("file", "hello");
  moving.sink.putGate.close();
  {
    auto running = moving.begin();
    moving.settle();
  }
  moving.sink.finishingFirst = {{}, {}};
  moving.leave();
  REQUIRE(moving.sink.finished == false);
  REQUIRE(moving.sink.finishes == 3);
}

TEST_CASE("a transfer that is given up while its sink finishes does not ask for that again") {
  MoverWorld finishing;
  finishing.source.file("file", "hello");
  finishing.sink.finishGate.close();
  {
    auto running = finishing.begin();
    finishing.settle();
    REQUIRE(finishing.sink.finishes == 1);
  }
  finishing.leave();
  REQUIRE(finishing.sink.finishes == 1);
}

TEST_CASE("a transfer that is given up before its sink has begun asks it for nothing") {
  MoverWorld neverBegun;
  { auto running = neverBegun.begin(); }  // it waits for the roots
  neverBegun.leave();
  REQUIRE(neverBegun.sink.finishes == 0);
}

TEST_CASE("a dry run tells what would be and touches nothing") {
  MoverWorld world;
  addTree(world);
  world.options.dryRun = true;
  world.options.checksum = true;
  world.source.file("tree/same", "hello");
  world.source.file("tree/other", "hello");
  world.source.hardLink("tree/hard", "tree/small");
  world.sink.file("tree/same", "hello", 7);
  world.sink.file("tree/other", "HELLO", 7);
  world.move();
  REQUIRE(world.event("tree").what == What::MADE);
  REQUIRE(world.event("tree/small").what == What::MOVED);
  REQUIRE(world.event("tree/sub/large").bytes == 300'000);
  REQUIRE(world.event("tree/same").what == What::UNCHANGED);
  REQUIRE(world.event("tree/other").what == What::MOVED);
  REQUIRE(world.event("tree/hard").what == What::MADE);
  REQUIRE(world.sink.nodes.size() == 2);
  REQUIRE(world.sink.content("tree/other") == "HELLO");
  REQUIRE(world.sink.makes.empty());
  REQUIRE(world.sink.created.empty());
  REQUIRE(world.sink.finished == true);
  REQUIRE(world.tally().sentBytes == 0);
}

TEST_CASE("hard links are made when the file that they name is in place") {
  MoverWorld world;
  world.source.file("first", someBytes(100'000));
  world.source.hardLink("second", "first");
  world.source.file("broken", "hello");
  world.source.hardLink("of broken", "broken");
  world.sink.putFailures["broken"] = fileError(Reason::PERMISSION_DENIED);
  world.sink.commitGate.close();
  auto running = world.begin();
  world.settle();
  REQUIRE(world.sink.makes.empty());
  world.sink.commitGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.sink.content("second") == someBytes(100'000));
  REQUIRE(world.event("second").what == What::MADE);
  REQUIRE(world.sink.makes == std::vector<std::string>{"second"});
  REQUIRE(world.event("of broken").what == What::FAILED);
  REQUIRE(world.tally().entries == 4);
  REQUIRE(world.tally().bytes == 100'000);
}

TEST_CASE("hard links that are too many to hold back are made on the way") {
  MoverWorld world;
  world.source.file("first", "hello");
  for (int i = 0; i < 5000; ++i) world.source.hardLink("name" + std::to_string(i), "first");
  world.source.nextBatch();
  world.source.hardLink("last", "first");
  world.source.nextBatch();
  world.source.file("file", "hello");
  world.sink.putGate.close();
  auto running = world.begin();
  world.settle();
  REQUIRE(world.sink.makes.empty());
  REQUIRE_FALSE(world.sink.looked.count("last"));
  world.sink.putGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.sink.makes.size() == 5001);
  REQUIRE(world.sink.makeGate.calls == 6);
  REQUIRE(world.sink.content("last") == "hello");
}

TEST_CASE("the listing waits while many files are queued, and for room for what is told") {
  MoverWorld world;
  for (int batch = 0; batch < 10; ++batch) {
    for (int i = 0; i < 1000; ++i) world.source.file(std::to_string(batch) + "." + std::to_string(i), "");
    if (batch < 9) world.source.nextBatch();
  }
  world.source.wholeGate.close();
  auto running = world.begin();
  world.settle();
  REQUIRE(world.sink.looked.size() == 6000);
  REQUIRE(world.source.told == 7);  // one is fetched ahead
  REQUIRE_FALSE(world.tally().listed);
  world.roomGate.close();
  world.source.wholeGate.open();
  world.settle();
  REQUIRE(world.sink.looked.size() == 7000);
  world.roomGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.tally().moved == 10'000);
}

TEST_CASE("a connection that is lost while the source lists ends the transfer") {
  MoverWorld world;
  world.source.batches.front().errors.push_back({"gone", {ErrorKind::LOST, Reason::CONNECTION_LOST, "gone"}});
  auto result = world.run();
  REQUIRE_FALSE(result);
  REQUIRE(result.error().reason == Reason::CONNECTION_LOST);
  REQUIRE_FALSE(world.sink.finished);
}

}  // namespace
}  // namespace cbs::transfer
