// Many callers at once.
#include "tests/support/lab.h"

#include <catch2/catch_test_macros.hpp>

#include <list>

namespace cbs::test {
namespace {

TEST_CASE("a hundred CLIs at once against one host work, also with the server's default of ten sessions a connection") {
  Lab lab({.limits = SshdOptions::Limits::kDefaults},
          {.ssh = "max_channels_per_connection = 100\n",
           .command = "core_pool_size = 100\nmax_pool_size = 100\nmax_per_host = 0\n"});
  std::list<CliProcess> processes;
  for (int i = 0; i < 100; ++i) {
    processes.push_back(
        lab.agent.startCli({"exec", "web1", "read x < /dev/null; sleep 0.5; echo " + std::to_string(i)}));
  }
  int number = 0;
  for (CliProcess& process : processes) {
    auto result = process.finish(milliseconds(60'000));
    CHECK(result.code == 0);
    CHECK(result.err == "");
    CHECK(result.out == std::to_string(number++) + "\n");
  }
}

}  // namespace
}  // namespace cbs::test
