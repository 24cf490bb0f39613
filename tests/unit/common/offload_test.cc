#include "common/offload.h"

#include <catch2/catch_test_macros.hpp>

#include <future>

namespace cbs {
namespace {

TEST_CASE("offloaded work gives its value to the loop while other tasks go on") {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  auto gate = std::make_shared<std::promise<void>>();
  auto task = offloadFor<int>(loop, [gate]() {
    gate->get_future().wait();
    return 42;
  });
  REQUIRE_FALSE(task.finished());
  gate->set_value();
  REQUIRE(std::move(task).promise().wait(io.waitScope) == 42);
}

TEST_CASE("offloaded work may outlive the task that asked for it") {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  auto gate = std::make_shared<std::promise<void>>();
  auto done = std::make_shared<std::promise<void>>();
  {
    auto dropped = offload(loop, [gate, done]() { gate->get_future().wait(), done->set_value(); });
  }
  gate->set_value();
  done->get_future().wait();
}

}  // namespace
}  // namespace cbs
