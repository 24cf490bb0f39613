#include "agentd/transfer/allotment.h"
#include "tests/unit/transfer/mover_world.h"

namespace cbs::transfer {
namespace {

using What = Event::What;

constexpr size_t kMega = size_t{1024} * 1024;
constexpr size_t kChunk = 8 * kMega;

TEST_CASE("the pieces of a file are asked for in order, of the size that suits both ends") {
  MoverWorld world;
  world.source.file("large", someBytes(100'000));
  world.source.pieceSize = 40'000;
  world.sink.pieceSize = 30'000;
  world.move();
  REQUIRE(world.source.reads == std::vector<Range>{{0, 30'000}, {30'000, 30'000}, {60'000, 30'000}, {90'000, 10'000}});
  REQUIRE(world.sink.content("large") == someBytes(100'000));
}

TEST_CASE("four files move at once, each with as many pieces under way as are allowed") {
  MoverWorld world;
  world.source.pieceSize = 1000;
  for (int i = 0; i < 6; ++i) world.source.file(std::to_string(i), someBytes(200'000));
  world.source.readGate.close();
  auto running = world.begin();
  world.settle();
  REQUIRE(world.source.openGate.calls == 4);
  REQUIRE(world.source.readGate.inside == 4 * 128);
  REQUIRE(world.tally().current == "3");
  world.source.readGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.tally().moved == 6);
}

TEST_CASE("no more pieces are under way than the budget has room for") {
  MoverWorld world;
  Budget budget(Allotment::kOwn);
  constexpr size_t kPiece = Allotment::kOwn / 8;
  world.source.pieceSize = world.sink.pieceSize = kPiece;
  for (int i = 0; i < 2; ++i) world.source.file(std::to_string(i), someBytes(20 * kPiece));
  world.source.readGate.close();
  world.mover.emplace(world.loop, world.source, world.sink, world.options, budget, world);
  auto running = world.mover->run();
  world.settle();
  REQUIRE(world.source.readGate.inside == 8 + 4);  // its own, and half of what all share
  world.source.readGate.open();
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.source.readGate.most == 8 + 4);
  REQUIRE(world.tally().moved == 2);
}

TEST_CASE("of an earlier part only what differs is moved again") {
  MoverWorld world;
  const std::string whole = someBytes(3 * kChunk + 5 * kMega);
  std::string part = whole.substr(0, 2 * kChunk + kMega);
  part[kChunk + 5] ^= 1;
  world.source.file("large", whole);
  world.source.pieceSize = world.sink.pieceSize = 4 * kMega;
  world.sink.parts["large"] = part;
  world.move();
  REQUIRE(world.sink.content("large") == whole);
  const auto& event = world.event("large");
  REQUIRE(event.resumedBytes == kChunk + kMega);
  REQUIRE(event.sha256 == sha256Of(whole));
  REQUIRE(world.tally().bytes == whole.size());
  REQUIRE(world.tally().sentBytes == whole.size() - kChunk - kMega);
  REQUIRE(world.source.reads.front() == Range{kChunk, 4 * kMega});
}

TEST_CASE("a part that is larger than the file is cut") {
  MoverWorld world;
  const std::string whole = someBytes(kChunk + kMega);
  world.source.file("large", whole);
  world.sink.parts["large"] = whole + "more";
  world.move();
  REQUIRE(world.sink.content("large") == whole);
  REQUIRE(world.event("large").resumedBytes == whole.size());
  REQUIRE(world.source.reads.empty());
}

TEST_CASE("with verify small and empty files are verified as well") {
  MoverWorld world;
  world.options.verify = true;
  world.source.file("small", "hello");
  world.source.file("empty", "");
  world.move();
  REQUIRE(world.event("small").sha256 == sha256Of("hello"));
  REQUIRE(world.event("empty").sha256 == sha256Of(""));
  REQUIRE(world.sink.content("small") == "hello");
  REQUIRE(world.source.groups.empty());
}

TEST_CASE("what arrives otherwise than it was sent is not put in place") {
  MoverWorld world;
  world.options.verify = true;
  const std::string whole = someBytes(2 * kMega);
  world.source.file("large", whole);
  world.source.file("small", "hello");
  world.sink.garble = true;
  world.move();
  const auto& error = world.event("large").error;
  REQUIRE(error.reason == Reason::CHECKSUM_MISMATCH);
  REQUIRE(error.fact("sourceSha256") == hexOf(sha256Of(whole)));
  REQUIRE(error.fact("sinkSha256") == hexOf(sha256Of(world.sink.parts.at("large"))));
  REQUIRE(error.fact("part") == "/there/.large.part");
  REQUIRE(world.event("small").error.fact("part").empty());
  REQUIRE(world.sink.left.size() == 2);
  REQUIRE_FALSE(world.sink.has("large"));
  REQUIRE(world.tally().bytes == 0);
  REQUIRE(world.tally().sentBytes == whole.size() + 5);
  REQUIRE(world.leave().empty());
}

TEST_CASE("a file that shrinks while it is read fails with what its reader says") {
  MoverWorld world;
  world.source.file("large", someBytes(200'000));
  world.source.contents["large"].resize(150'000);
  world.source.changes["large"] = fileError(Reason::LOCAL_IO, "changed").with("localPath", "/here/large");
  world.source.file("other", someBytes(200'000));
  world.source.contents["other"].resize(150'000);
  world.move();
  REQUIRE(world.event("large").error.detail == "shrank while it was read");
  REQUIRE(world.event("large").error.reason == Reason::LOCAL_IO);
  REQUIRE(world.event("large").error.fact("localPath") == "/here/large");
  REQUIRE(world.event("other").error.detail == "shrank while it was read");
  REQUIRE(world.sink.nodes.empty());
  REQUIRE(world.sink.parts.empty());
}

TEST_CASE("a file that was changed while it was read is not put in place") {
  MoverWorld world;
  world.source.file("large", someBytes(200'000));
  world.source.changes["large"] = fileError(Reason::LOCAL_IO, "changed while it was read");
  world.move();
  REQUIRE(world.event("large").error.detail == "changed while it was read");
  REQUIRE_FALSE(world.sink.has("large"));
}

TEST_CASE("a file that cannot be opened, created, read, written or committed leaves no part") {
  MoverWorld world;
  for (std::string name : {"open", "create", "read", "write", "commit", "good"}) {
    world.source.file(name, someBytes(200'000));
  }
  world.source.openFailures["open"] = fileError(Reason::PERMISSION_DENIED);
  world.sink.createFailures["create"] = fileError(Reason::PERMISSION_DENIED);
  world.source.readFailures["read"] = fileError(Reason::LOCAL_IO);
  world.sink.writeFailures["write"] = fileError(Reason::REMOTE_IO);
  world.sink.commitFailures["commit"] = fileError(Reason::PERMISSION_DENIED);
  world.move();
  for (std::string name : {"open", "create", "read", "write", "commit"}) {
    REQUIRE(world.event(name).what == What::FAILED);
    REQUIRE_FALSE(world.sink.has(name));
  }
  REQUIRE(world.sink.content("good") == someBytes(200'000));
  REQUIRE(world.sink.parts.empty());
  REQUIRE(world.tally().failed == 5);
  REQUIRE(world.tally().bytes == 200'000);
}

TEST_CASE("what ends a transfer leaves open files to be left by themselves") {
  MoverWorld world;
  world.source.file("full", someBytes(200'000));
  world.source.file("other", someBytes(2 * kMega));
  world.sink.parts["other"] = someBytes(2 * kMega - 100'000);
  world.sink.commitGate.close();
  world.sink.writeFailures["full"] = fileError(Reason::NO_SPACE);
  auto result = world.run();
  REQUIRE_FALSE(result);
  REQUIRE(result.error().reason == Reason::NO_SPACE);
  REQUIRE(world.sink.left.empty());
  REQUIRE(world.leave() == std::vector<std::string>{"/there/.other.part"});
  REQUIRE(world.sink.left.size() == 2);
  world.leave();
  REQUIRE(world.sink.left.size() == 2);
}

TEST_CASE("a part that was left is told, though another one takes too long") {
  MoverWorld world;
  for (std::string name : {"slow", "kept"}) {
    world.source.file(name, someBytes(2 * kMega));
    world.sink.parts[name] = someBytes(2 * kMega - 100'000);
  }
  world.sink.neverLeft = {"slow"};
  world.sink.commitGate.close();
  {
    auto running = world.begin();
    world.settle();
  }
  auto leaving = world.mover->leave();
  world.settle();
  REQUIRE_FALSE(leaving.finished());
  REQUIRE(world.mover->parts() == std::vector<std::string>{"/there/.kept.part"});
}

TEST_CASE("a piece that fails fails its file at once, though the next one would wait for the limit of the rate") {
  MoverWorld world;
  constexpr size_t kPiece = size_t{32} * 1024;
  world.options.limitRate = kPiece;
  world.source.pieceSize = kPiece;
  world.source.file("large", someBytes(100 * kPiece));
  world.source.readFailures["large"] = fileError(Reason::LOCAL_IO);
  auto running = world.begin();
  world.settle();  // the clock stands still
  REQUIRE(world.event("large").what == What::FAILED);
  REQUIRE(world.ended(kj::mv(running)));
}

TEST_CASE("bytes of a file that is not in place at the end do not count as such") {
  MoverWorld world;
  world.source.file("lost", someBytes(2 * kMega));
  world.sink.commitFailures["lost"] = {ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, "gone"};
  REQUIRE_FALSE(world.run());
  REQUIRE(world.tally().bytes == 0);
  REQUIRE(world.tally().sentBytes == 2 * kMega);
}

TEST_CASE("a transfer that stands still does not keep others from moving") {
  MoverWorld world;
  Budget budget(2 * kMega);
  FakeSource sources[3];
  FakeSink sinks[3];
  std::vector<kj::Own<Mover>> movers;
  std::vector<Task<Expected<void>>> running;
  for (int i = 0; i < 3; ++i) {
    sources[i].file("large", someBytes(8 * kMega));
    if (i < 2) sinks[i].writeGate.close();
    movers.push_back(kj::heap<Mover>(world.loop, sources[i], sinks[i], world.options, budget, world));
    running.push_back(movers[i]->run());
    world.settle();
  }
  REQUIRE(world.ended(kj::mv(running[2])));
  REQUIRE(sinks[2].content("large") == someBytes(8 * kMega));
  running.clear();
}

TEST_CASE("a file that cannot go on ends the transfer at once, whatever else is awaited") {
  MoverWorld world;
  world.source.file("large", someBytes(200'000));
  world.source.nextBatch();
  world.source.nextGate.close();
  world.sink.writeFailures["large"] = {ErrorKind::LOST, Reason::CONNECTION_LOST, "gone"};
  auto running = world.begin();
  world.settle();
  world.source.nextGate.open();
  world.source.nextGate.close();
  REQUIRE_FALSE(world.ended(kj::mv(running)));
  REQUIRE(world.source.told == 1);
}

TEST_CASE("a transfer can be dropped wherever it waits, and open files left then") {
  for (int which = 0; which < 7; ++which) {
    MoverWorld world;
    world.source.file("large", someBytes(2 * kMega));
    world.source.folder("folder");
    world.source.file("small", "hello");
    Gate* gates[] = {&world.source.nextGate, &world.source.openGate, &world.source.readGate, &world.sink.writeGate,
                     &world.sink.commitGate, &world.sink.putGate,    &world.sink.makeGate};
    gates[which]->close();
    {
      auto running = world.begin();
      world.settle();
      REQUIRE_FALSE(running.finished());
      REQUIRE(gates[which]->inside > 0);
    }
    REQUIRE(gates[which]->inside == 0);
    const bool whole = gates[which] == &world.sink.commitGate;
    REQUIRE(world.leave().size() == (whole ? 1 : 0));
    REQUIRE(world.sink.parts.size() == (whole ? 1 : 0));
  }
}

TEST_CASE("bytes pass no faster than the limit allows") {
  MoverWorld world;
  constexpr size_t kPiece = size_t{32} * 1024;
  world.options.limitRate = kPiece;
  world.source.pieceSize = kPiece;
  world.source.file("large", someBytes(3 * kPiece));
  auto running = world.begin();
  world.settle();
  const auto start = world.timer.now();
  auto readAfter = [&](kj::Duration passed) {
    world.timer.advanceTo(start + passed);
    world.settle();
    return world.source.reads.size();
  };
  REQUIRE(world.source.reads.size() == 1);
  REQUIRE(readAfter(700 * kj::MILLISECONDS) == 1);
  REQUIRE(readAfter(1000 * kj::MILLISECONDS) == 2);
  REQUIRE(readAfter(1700 * kj::MILLISECONDS) == 2);
  REQUIRE(readAfter(2000 * kj::MILLISECONDS) == 3);
  REQUIRE(world.ended(kj::mv(running)));
  REQUIRE(world.event("large").took >= 1500 * kj::MILLISECONDS);
}

}  // namespace
}  // namespace cbs::transfer
