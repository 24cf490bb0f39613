#include "common/task.h"

#include <kj/async-io.h>
#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cbs {
namespace {

struct Flag {
  explicit Flag(bool& gone) : gone(gone) {}
  ~Flag() { gone = true; }
  bool& gone;
};

Task<int> immediate(int value) { co_return value; }
Task<int> after(kj::Promise<int> promise) { co_return co_await promise; }
Task<int> failing() {
  KJ_FAIL_REQUIRE("broken on purpose");
  co_return 1;
}

TEST_CASE("a task that never waits has its value at once") {
  auto task = immediate(7);
  REQUIRE(task.finished());
  REQUIRE(task.take() == 7);
}

TEST_CASE("a task carries values through promises and other tasks") {
  auto io = kj::setupAsyncIo();
  auto pair = kj::newPromiseAndFulfiller<int>();
  auto sum = [](Task<int> a, Task<int> b) -> Task<int> { co_return co_await a + co_await b; };
  kj::Promise<int> result = sum(after(kj::mv(pair.promise)), immediate(2));
  REQUIRE_FALSE(result.poll(io.waitScope));
  pair.fulfiller->fulfill(40);
  REQUIRE(result.wait(io.waitScope) == 42);
}

TEST_CASE("a task waits many times in a row without nesting the stack") {
  auto io = kj::setupAsyncIo();
  auto loop = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 100000; ++i) {
      co_await kj::Promise<void>(kj::READY_NOW);
      sum += co_await immediate(1);
    }
    co_return sum;
  };
  REQUIRE(loop().promise().wait(io.waitScope) == 100000);
}

TEST_CASE("an exception comes out where the task is awaited") {
  auto io = kj::setupAsyncIo();
  auto outer = []() -> Task<std::string> {
    try {
      co_await failing();
    } catch (const kj::Exception& e) {
      co_return std::string(e.getDescription().cStr());
    }
    co_return "no exception";
  };
  REQUIRE(outer().promise().wait(io.waitScope).find("broken on purpose") != std::string::npos);

  kj::Promise<int> direct = failing();
  REQUIRE_THROWS_AS(direct.wait(io.waitScope), kj::Exception);

  auto broken = kj::newPromiseAndFulfiller<int>();
  auto late = after(kj::mv(broken.promise));
  broken.fulfiller->reject(KJ_EXCEPTION(FAILED, "late"));
  REQUIRE_THROWS_AS(kj::mv(late).promise().wait(io.waitScope), kj::Exception);
}

TEST_CASE("a dropped task drops what it waits for, innermost first") {
  auto io = kj::setupAsyncIo();
  std::vector<std::string> order;
  struct Note {
    std::vector<std::string>& order;
    std::string name;
    ~Note() { order.push_back(name); }
  };
  auto pair = kj::newPromiseAndFulfiller<void>();
  auto inner = [&](kj::Promise<void> promise) -> Task<void> {
    Note note{order, "inner"};
    co_await promise;
  };
  auto outer = [&](kj::Promise<void> promise) -> Task<void> {
    Note note{order, "outer"};
    co_await inner(kj::mv(promise));
  };
  {
    auto task = outer(pair.promise.attach(kj::heap<Note>(Note{order, "promise"})));
    order.clear();  // moving the note into place made notes of its own
    REQUIRE_FALSE(task.finished());
  }
  REQUIRE(order == std::vector<std::string>{"promise", "inner", "outer"});
  REQUIRE_FALSE(pair.fulfiller->isWaiting());
}

TEST_CASE("a dropped promise of a task cancels the task") {
  auto io = kj::setupAsyncIo();
  bool gone = false;
  auto task = [](std::unique_ptr<Flag> flag) -> Task<void> { co_await kj::Promise<void>(kj::NEVER_DONE); };
  {
    kj::Promise<void> promise = task(std::make_unique<Flag>(gone));
    REQUIRE_FALSE(promise.poll(io.waitScope));
    REQUIRE_FALSE(gone);
  }
  REQUIRE(gone);
}

TEST_CASE("two tasks talk over a pipe") {
  auto io = kj::setupAsyncIo();
  auto pipe = io.provider->newTwoWayPipe();
  auto echo = [](kj::AsyncIoStream& stream) -> Task<void> {
    char buffer[3];
    for (;;) {
      size_t n = co_await stream.tryRead(buffer, 1, sizeof(buffer));
      if (n == 0) break;
      co_await stream.write(buffer, n);
    }
    stream.shutdownWrite();
  };
  auto talk = [](kj::AsyncIoStream& stream) -> Task<std::string> {
    co_await stream.write("hello, loop", 11);
    stream.shutdownWrite();
    auto text = co_await stream.readAllText();
    co_return std::string(text.cStr());
  };
  auto server = echo(*pipe.ends[0]);
  REQUIRE(talk(*pipe.ends[1]).promise().wait(io.waitScope) == "hello, loop");
  kj::mv(server).promise().wait(io.waitScope);
}

TEST_CASE("a task that is cancelled in mid-read leaves the stream usable") {
  auto io = kj::setupAsyncIo();
  auto pipe = io.provider->newOneWayPipe();
  auto read = [](kj::AsyncInputStream& in) -> Task<char> {
    char c;
    co_await in.read(&c, 1);
    co_return c;
  };
  { auto dropped = read(*pipe.in); }
  auto task = read(*pipe.in);
  pipe.out->write("x", 1).wait(io.waitScope);
  REQUIRE(kj::mv(task).promise().wait(io.waitScope) == 'x');
}

}  // namespace
}  // namespace cbs
