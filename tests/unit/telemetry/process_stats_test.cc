#include "agentd/telemetry/process_stats.h"

#include <fcntl.h>
#include <kj/io.h>
#include <catch2/catch_test_macros.hpp>

#include <future>
#include <thread>
#include <vector>

namespace cbs::telemetry {
namespace {

TEST_CASE("a process has memory, a thread and limits") {
  auto stats = readProcessStats();
  REQUIRE(stats.residentBytes > 100'000);
  REQUIRE(stats.threads >= 1);
  REQUIRE(stats.openDescriptors >= 3);
  REQUIRE(stats.maxDescriptors > stats.openDescriptors);
}

TEST_CASE("descriptors are counted one by one") {
  auto before = readProcessStats().openDescriptors;
  std::vector<kj::AutoCloseFd> files;
  for (int i = 0; i < 100; ++i) files.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(readProcessStats().openDescriptors == before + 100);
  files.clear();
  REQUIRE(readProcessStats().openDescriptors == before);
}

TEST_CASE("threads are counted") {
  auto before = readProcessStats().threads;
  std::promise<void> end;
  std::thread other([&end]() { end.get_future().wait(); });
  auto during = readProcessStats().threads;
  end.set_value();
  other.join();
  REQUIRE(during == before + 1);
}

TEST_CASE("CPU time only grows") {
  auto before = readProcessStats().cpuMs;
  volatile uint64_t work = 0;
  while (readProcessStats().cpuMs == before) work = work + 1;
  REQUIRE(readProcessStats().cpuMs > before);
}

}  // namespace
}  // namespace cbs::telemetry
