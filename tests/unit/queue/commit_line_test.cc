#include "agentd/queue/commit_line.h"

#include "agentd/queue/journal_file.h"
#include "tests/unit/queue/journal_world.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/resource.h>

#include <memory>

namespace cbs::queue {
namespace {

// A line whose thread can be held up.
struct Line : EventLoop {
  Line() {
    auto database = openJournalFile(temp.path());
    if (!database) FAIL(database.error().detail);
    (*database)->run("CREATE TABLE things (name TEXT NOT NULL UNIQUE) STRICT");
    line.emplace(loop, std::move(*database));
  }

  Task<Expected<std::string>> insert(std::string name, size_t weight = 1) {
    auto work = [name](Transaction& transaction) -> Expected<std::string> {
      transaction.database().prepare("INSERT INTO things VALUES (?)").text(name).run();
      return name;
    };
    return line->run<std::string>(std::move(work), weight);
  }
  Task<Expected<uint64_t>> count() {
    return line->run<uint64_t>([](Transaction& transaction) -> Expected<uint64_t> {
      auto row = transaction.database().prepare("SELECT COUNT(*) FROM things");
      return row.next() ? row.number() : 0;
    });
  }
  // An operation that is at work when this returns, and goes on when the gate is opened.
  Task<Expected<void>> hold(std::shared_ptr<std::promise<void>> gate) {
    auto reached = std::make_shared<std::promise<void>>();
    auto task = line->run<void>([gate, reached](Transaction&) -> Expected<void> {
      reached->set_value();
      gate->get_future().wait();
      return {};
    });
    io.waitScope.poll();
    reached->get_future().wait();
    return task;
  }

  test::TempFolder temp;
  std::optional<CommitLine> line;
};

TEST_CASE("what comes while a transaction is written shares the next one") {
  Line line;
  auto gate = std::make_shared<std::promise<void>>();
  auto held = line.hold(gate);
  std::vector<Task<Expected<std::string>>> tasks;
  for (int i = 0; i < 500; ++i) tasks.push_back(line.insert(std::to_string(i)));
  REQUIRE(line.line->transactions() == 0);
  gate->set_value();
  for (auto& task : tasks) REQUIRE(line.wait(std::move(task)));
  REQUIRE(line.line->transactions() == 2);
  REQUIRE(line.wait(line.count()) == 500);
}

TEST_CASE("what is asked for in one turn of the loop is one transaction") {
  Line line;
  auto one = line.insert("one");
  auto two = line.insert("two");
  REQUIRE(line.wait(std::move(one)));
  REQUIRE(line.wait(std::move(two)));
  REQUIRE(line.line->transactions() == 1);
}

TEST_CASE("a transaction has a bound") {
  Line line;
  std::vector<Task<Expected<std::string>>> tasks;
  for (size_t i = 0; i < 2 * CommitLine::kMostWeight + 1; ++i) tasks.push_back(line.insert(std::to_string(i)));
  for (auto& task : tasks) REQUIRE(line.wait(std::move(task)));
  REQUIRE(line.line->transactions() == 3);
  auto heavy = line.insert("heavy", 10 * CommitLine::kMostWeight);
  auto next = line.insert("next");
  REQUIRE(line.wait(std::move(next)));
  REQUIRE(line.wait(std::move(heavy)));
  REQUIRE(line.line->transactions() == 5);
}

TEST_CASE("an operation that fails takes back only what is its own") {
  Line line;
  auto before = line.insert("a");
  auto failing = line.line->run<void>([](Transaction& transaction) -> Expected<void> {
    transaction.database().run("INSERT INTO things VALUES ('lost')");
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "no");
  });
  auto twice = line.insert("a");
  auto nonsense = line.line->run<int>([](Transaction& transaction) -> Expected<int> {
    transaction.database().run("INSERT INTO things VALUES ('lost, too'); INSERT INTO nowhere VALUES (1)");
    return 1;
  });
  auto after = line.insert("b");
  REQUIRE(line.wait(std::move(after)) == "b");
  REQUIRE(line.wait(std::move(before)) == "a");
  REQUIRE(line.wait(std::move(failing)).error().reason == Reason::BAD_REQUEST);
  REQUIRE(line.wait(std::move(twice)).error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE(line.wait(std::move(nonsense)).error().detail == "no such table: nowhere");
  REQUIRE(line.wait(line.count()) == 2);
}

TEST_CASE("a transaction that is lost fails all that shared it, and nothing after it") {
  Line line;
  auto before = line.insert("a");
  auto fatal = line.line->run<void>([](Transaction& transaction) -> Expected<void> {
    transaction.database().run("INSERT OR ROLLBACK INTO things VALUES ('a')");
    return {};
  });
  auto after = line.insert("b");
  REQUIRE(line.wait(std::move(before)).error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE_FALSE(line.wait(std::move(fatal)));
  REQUIRE_FALSE(line.wait(std::move(after)));
  REQUIRE(line.wait(line.insert("c")));
  REQUIRE(line.wait(line.count()) == 1);
}

TEST_CASE("without a descriptor for the thread operations fail, and later ones do not") {
  Line line;
  rlimit before;
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  auto refused = line.wait(line.insert("a"));
  setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE_FALSE(refused.error().detail.empty());
  REQUIRE(line.wait(line.insert("b")));
  REQUIRE(line.wait(line.count()) == 1);
}

TEST_CASE("the end of a line waits for the transaction that is being written, and writes the rest") {
  Line line;
  auto gate = std::make_shared<std::promise<void>>();
  {
    auto held = line.hold(gate);
    auto dropped = line.insert("dropped");
  }
  std::thread opener([gate]() { gate->set_value(); });
  line.line.reset();
  opener.join();
  auto database = openJournalFile(line.temp.path());
  REQUIRE(database);
  auto row = (*database)->prepare("SELECT name FROM things");
  REQUIRE(row.next());
  REQUIRE(row.text() == "dropped");
}

TEST_CASE("a line that has begun nothing writes what was asked for at its end") {
  Line line;
  { auto dropped = line.insert("dropped"); }
  line.line.reset();
  auto database = openJournalFile(line.temp.path());
  REQUIRE((*database)->prepare("SELECT name FROM things").run());
}

}  // namespace
}  // namespace cbs::queue
