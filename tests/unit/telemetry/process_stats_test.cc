#include "agentd/telemetry/process_stats.h"

#include <fcntl.h>
#include <kj/io.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <memory>
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

TEST_CASE("a process knows when it has started, and says the same each time") {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto nowMs = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  auto startedMs = readProcessStats().startedMs;
  REQUIRE(startedMs <= nowMs + 10);  // it is known in hundredths of a second
  REQUIRE(startedMs + 3'600'000 > nowMs);
  REQUIRE(readProcessStats().startedMs == startedMs);
}

TEST_CASE("what is allocated counts as heap and as address space") {
  auto before = readProcessStats();
  REQUIRE(before.virtualBytes >= before.residentBytes);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which have allocators of their own
  constexpr size_t kLarge = 64 << 20, kSmall = 100'000;
  auto large = std::make_unique<char[]>(kLarge);
  std::vector<std::unique_ptr<char[]>> small;
  for (int i = 0; i < 10; ++i) small.push_back(std::make_unique<char[]>(kSmall));
  auto during = readProcessStats();
  REQUIRE(during.heapBytes >= before.heapBytes + kLarge + 10 * kSmall);
  REQUIRE(during.virtualBytes >= before.virtualBytes + kLarge);
  large.reset();
  REQUIRE(readProcessStats().heapBytes < during.heapBytes);
#endif
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
