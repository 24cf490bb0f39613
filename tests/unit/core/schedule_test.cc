#include "agentd/core/schedule.h"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <vector>

namespace cbs::core {
namespace {

using schema::Priority;

struct Named : Schedule::Item {
  explicit Named(std::string name) : name(std::move(name)) {}
  std::string name;
};

// A schedule of items that have names.
struct Stage {
  explicit Stage(ShareLimits limits = {}) : schedule(limits) {}
  ~Stage() {
    for (auto& item : items) {
      if (item->waits()) schedule.remove(*item);
    }
  }

  Named& push(std::string name, const std::string& caller = "c", const std::string& host = "h",
              Priority priority = Priority::NORMAL) {
    items.push_back(std::make_unique<Named>(std::move(name)));
    schedule.push(*items.back(), priority, caller, host);
    return *items.back();
  }
  void pushMany(int count, const std::string& name, const std::string& caller = "c", const std::string& host = "h",
                Priority priority = Priority::NORMAL) {
    for (int i = 0; i < count; ++i) push(name, caller, host, priority);
  }
  // The name of the next, which goes on running; "-" if nothing can run.
  std::string start() {
    if (!schedule.runnable()) return "-";
    auto turn = schedule.next();
    running.push_back(turn.slot);
    return static_cast<Named&>(turn.item).name;
  }
  // The names of the next, each of which has run before the one behind it.
  std::string run(int count) {
    std::string names;
    for (int i = 0; i < count; ++i) {
      names += start();
      if (names.back() != '-') finish(running.size() - 1);
    }
    return names;
  }
  void finish(size_t index = 0) {
    schedule.finished(running[index]);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(index));
  }

  Schedule schedule;
  std::vector<std::unique_ptr<Named>> items;
  std::vector<Schedule::Slot> running;
};

TEST_CASE("one caller's commands for one host run in the order in which they came") {
  Stage stage;
  for (const char* name : {"a", "b", "c"}) stage.push(name);
  CHECK(stage.schedule.waiting() == 3);
  CHECK(stage.run(4) == "abc-");
  CHECK(stage.schedule.waiting() == 0);
}

TEST_CASE("callers take turns, and a new one comes after those that wait") {
  Stage stage;
  stage.pushMany(4, "a", "alice");
  stage.pushMany(2, "b", "bob");
  CHECK(stage.run(1) == "a");
  stage.push("c", "carol");
  CHECK(stage.run(6) == "bacbaa");
}

TEST_CASE("within a caller hosts take turns, whatever other callers have for them") {
  Stage stage;
  stage.pushMany(3, "1", "alice", "web1");
  stage.pushMany(3, "2", "alice", "web2");
  CHECK(stage.run(1) == "1");
  stage.push("3", "alice", "web3");
  stage.push("b", "bob", "web1");
  CHECK(stage.run(7) == "2b13212");
}

TEST_CASE("one who has asked for ten thousand delays another's first by one turn") {
  Stage stage;
  stage.pushMany(10'000, "s", "script", "web1");
  CHECK(stage.run(3) == "sss");
  stage.push("p", "person", "web1");
  CHECK(stage.run(3) == "sps");
}

TEST_CASE("a higher priority goes first, and every eighth turn is a lower one's") {
  Stage stage;
  stage.pushMany(20, "l", "c", "h", Priority::LOW);
  stage.pushMany(20, "h", "c", "h", Priority::HIGH);
  CHECK(stage.run(24) == "hhhhhhhlhhhhhhhlhhhhhhll");
}

TEST_CASE("of three priorities each of the two lower has its turn in eight") {
  Stage stage;
  stage.pushMany(40, "l", "c", "h", Priority::LOW);
  stage.pushMany(40, "n", "c", "h", Priority::NORMAL);
  stage.pushMany(40, "h", "c", "h", Priority::HIGH);
  CHECK(stage.run(25) == "hhhhhhhlnhhhhhhlnhhhhhhln");
}

TEST_CASE("a priority that has nothing that could run is not passed over") {
  Stage stage({.perHost = 1});
  stage.push("x", "c", "full");
  CHECK(stage.start() == "x");
  stage.pushMany(2, "l", "c", "full", Priority::LOW);
  for (int i = 0; i < 30; ++i) {
    stage.push("h", "c", "h", Priority::HIGH);
    REQUIRE(stage.start() == "h");
    stage.finish(1);
  }
  stage.push("h", "c", "h", Priority::HIGH);
  stage.finish(0);
  CHECK(stage.run(2) == "hl");
}

TEST_CASE("a full host is passed over, and nothing else is") {
  Stage stage({.perHost = 2});
  stage.pushMany(3, "1", "alice", "web1");
  stage.push("b", "bob", "web1");
  stage.pushMany(2, "2", "alice", "web2");
  std::string started;
  for (int i = 0; i < 4; ++i) started += stage.start();
  CHECK(started == "1b22");
  CHECK(stage.start() == "-");
  CHECK(stage.schedule.waiting() == 2);
  stage.finish(0);
  CHECK(stage.start() == "1");
  CHECK(stage.start() == "-");
}

TEST_CASE("a full caller is passed over, and nothing else is") {
  Stage stage({.perCaller = 1});
  stage.pushMany(2, "a", "alice", "web1");
  stage.push("A", "alice", "web2");
  stage.push("b", "bob", "web1");
  CHECK(stage.start() == "a");
  CHECK(stage.start() == "b");
  CHECK(stage.start() == "-");
  stage.finish(0);
  CHECK(stage.start() == "A");
}

TEST_CASE("a place at a host goes to the next if the caller that it is offered to has no room any more") {
  Stage stage({.perHost = 1, .perCaller = 1});
  stage.push("x", "xavier", "web1");
  CHECK(stage.start() == "x");
  stage.push("a", "alice", "web1");
  stage.push("b", "bob", "web1");
  CHECK(stage.start() == "-");  // both are parked now
  stage.push("A", "alice", "web2", Priority::HIGH);
  stage.finish(0);              // the place is alice's
  CHECK(stage.start() == "A");  // who has no room now
  CHECK(stage.start() == "b");
}

TEST_CASE("a place at a host goes to the next if what it is offered to leaves") {
  Stage stage({.perHost = 1});
  stage.push("x", "xavier");
  CHECK(stage.start() == "x");
  Named& first = stage.push("a", "alice");
  stage.push("b", "bob");
  CHECK(stage.start() == "-");
  stage.finish(0);
  stage.schedule.remove(first);
  CHECK(stage.start() == "b");
}

TEST_CASE("a place at a host goes to the highest priority that waits for it") {
  Stage stage({.perHost = 1});
  stage.push("x");
  CHECK(stage.start() == "x");
  stage.push("l", "alice", "h", Priority::LOW);
  stage.push("n", "bob");
  CHECK(stage.start() == "-");
  stage.push("h", "carol", "h", Priority::HIGH);
  stage.finish(0);
  CHECK(stage.run(3) == "hnl");
}

TEST_CASE("callers whom a full host keeps waiting take turns there") {
  Stage stage({.perHost = 1});
  stage.pushMany(5, "a", "alice");
  stage.pushMany(2, "b", "bob");
  CHECK(stage.start() == "a");
  CHECK(stage.start() == "-");
  stage.push("c", "carol");
  std::string started;
  for (int i = 0; i < 6; ++i) {
    stage.finish(0);
    started += stage.start();
    CHECK(stage.start() == "-");
  }
  CHECK(started == "bacbaa");
}

TEST_CASE("limits can be raised, lowered and taken off while commands wait") {
  Stage stage({.perHost = 1, .perCaller = 2});
  stage.pushMany(6, "a", "alice");
  stage.push("b", "bob");
  CHECK(stage.start() == "a");
  CHECK(stage.start() == "-");
  stage.schedule.setLimits({.perHost = 2, .perCaller = 1});
  CHECK(stage.start() == "b");
  CHECK(stage.start() == "-");
  stage.schedule.setLimits({});
  CHECK(stage.start() == "a");
  stage.schedule.setLimits({.perHost = 1});
  stage.finish();
  stage.finish();
  CHECK(stage.start() == "-");
  stage.finish();
  CHECK(stage.start() == "a");
}

TEST_CASE("whoever leaves is forgotten, and so are callers and hosts of which nothing waits or runs") {
  Stage stage({.perHost = 1});
  Named& first = stage.push("a", "alice", "web1");
  Named& second = stage.push("b", "bob", "web2");
  CHECK(stage.schedule.known() == 4);
  CHECK(stage.start() == "a");
  CHECK_FALSE(first.waits());
  stage.schedule.remove(second);
  CHECK(stage.schedule.known() == 2);
  CHECK(stage.start() == "-");
  stage.finish();
  CHECK(stage.schedule.known() == 0);
}

TEST_CASE("a priority that nobody knows is a normal one") {
  Stage stage;
  stage.push("l", "c", "h", Priority::LOW);
  stage.push("?", "c", "h", static_cast<Priority>(77));
  CHECK(stage.run(2) == "?l");
}

}  // namespace
}  // namespace cbs::core
