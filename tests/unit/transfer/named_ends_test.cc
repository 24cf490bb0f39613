#include "agentd/transfer/named_ends.h"

#include "tests/unit/transfer/mover_world.h"

namespace cbs::transfer {
namespace {

// A copy from "web1" to "web2".
struct CopyWorld : MoverWorld {
  CopyWorld() {
    auto ownSource = kj::heap<FakeSource>();
    auto ownSink = kj::heap<FakeSink>();
    from = ownSource.get();
    to = ownSink.get();
    namedSource.emplace(kj::mv(ownSource), "web1");
    namedSink.emplace(kj::mv(ownSink), "web2");
    mover.emplace(loop, *namedSource, *namedSink, options, budget, *this);
  }
  std::string_view targetOf(const std::string& path) { return event(path).error.fact("target"); }

  FakeSource* from;
  FakeSink* to;
  std::optional<NamedSource> namedSource;
  std::optional<NamedSink> namedSink;
};

TEST_CASE("errors of a copy between hosts say which of them they are about") {
  CopyWorld world;
  const std::string large = someBytes(200'000);
  world.from->batches.front().errors.push_back({"unlisted", fileError(Reason::PERMISSION_DENIED)});
  world.from->file("unreadable", "hello");
  world.from->file("large unreadable", large);
  world.from->file("unopened", large);
  world.from->file("changed", large);
  world.from->file("unlooked", "hello");
  world.from->file("unwritable", "hello");
  world.from->file("large unwritable", large);
  world.from->file("uncreated", large);
  world.from->file("uncommitted", large);
  world.from->folder("unmade");
  world.from->file("in the way", "hello");
  world.from->file("good", large);
  for (std::string name : {"unreadable", "large unreadable"})
    world.from->readFailures[name] = fileError(Reason::REMOTE_IO);
  world.from->openFailures["unopened"] = fileError(Reason::NOT_FOUND);
  world.from->changes["changed"] = fileError(Reason::REMOTE_IO);
  world.to->lookFailures["unlooked"] = fileError(Reason::PERMISSION_DENIED);
  world.to->putFailures["unwritable"] = fileError(Reason::PERMISSION_DENIED);
  world.to->writeFailures["large unwritable"] = fileError(Reason::REMOTE_IO);
  world.to->createFailures["uncreated"] = fileError(Reason::PERMISSION_DENIED);
  world.to->commitFailures["uncommitted"] = fileError(Reason::PERMISSION_DENIED);
  world.to->makeFailures["unmade"] = fileError(Reason::PERMISSION_DENIED);
  world.to->folder("in the way");
  world.to->finishing.errors.push_back({"undeleted", fileError(Reason::PERMISSION_DENIED)});
  REQUIRE(world.ended(world.mover->run()));
  for (std::string name : {"unlisted", "unreadable", "large unreadable", "unopened", "changed"}) {
    INFO(name);
    CHECK(world.targetOf(name) == "web1");
  }
  for (std::string name : {"unlooked", "unwritable", "large unwritable", "uncreated", "uncommitted", "unmade",
                           "in the way", "undeleted"}) {
    INFO(name);
    CHECK(world.targetOf(name) == "web2");
  }
  CHECK(world.to->content("good") == large);
  CHECK(world.event("good").error.facts.empty());
}

TEST_CASE("a host whose connection is lost in a copy is named") {
  CopyWorld world;
  world.from->file("file", "hello");
  world.to->putFailures["file"] = {ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, "gone"};
  auto result = world.ended(world.mover->run());
  REQUIRE_FALSE(result);
  CHECK(result.error().fact("target") == "web2");
}

}  // namespace
}  // namespace cbs::transfer
