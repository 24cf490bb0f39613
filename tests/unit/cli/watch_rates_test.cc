#include "cli/watch/rates.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/cli/watch_world.h"

namespace cbs::cli {
namespace {

// A daemon that has done so much in so many milliseconds.
Sample after(uint64_t uptimeMs, uint64_t done, uint32_t pid = 4711) {
  return sampleOf([=](auto stats, auto hosts) {
    stats.setUptimeMs(uptimeMs);
    stats.getDaemon().setPid(pid);
    auto engine = stats.initEngine();
    engine.setCommandsDone(done);
    engine.setUploadBytes(done * 1000);
    engine.setDownloadBytes(done * 10);
    stats.initQueue().setRejected(done / 10);
    stats.initProcess().setCpuMs(done);
    addHosts(hosts, {"web1", "web2"}, done);
  });
}

TEST_CASE("rates are what was added, over the daemon's own time") {
  auto before = after(10'000, 100), now = after(12'000, 300);
  auto rates = ratesBetween(&before, now);
  CHECK(rates.commands == 100.0);
  CHECK(rates.rejected == 10.0);
  CHECK(rates.uploadBytes == 100'000.0);
  CHECK(rates.downloadBytes == 1'000.0);
  CHECK(rates.cpuPercent == 10.0);
  REQUIRE(rates.hosts.size() == 2);
  CHECK(rates.hosts[1].commands == 100.0);
  CHECK(rates.hosts[1].bytesIn == 102'400.0);
  CHECK(rates.hosts[1].bytesOut == 100.0);
}

TEST_CASE("the first answer has no rates, nor has one that no time lies before") {
  auto now = after(10'000, 100);
  auto first = ratesBetween(nullptr, now);
  CHECK_FALSE(first.commands);
  CHECK(first.hosts.size() == 2);
  auto same = ratesBetween(&now, now);
  CHECK_FALSE(same.commands);
  CHECK_FALSE(same.cpuPercent);
}

TEST_CASE("a daemon that was restarted has no rates, whatever its counters say") {
  auto before = after(10'000, 100);
  CHECK_FALSE(ratesBetween(&before, after(5'000, 300)).commands);
  CHECK_FALSE(ratesBetween(&before, after(12'000, 300, 4712)).commands);
  auto fewer = ratesBetween(&before, after(12'000, 50));
  CHECK_FALSE(fewer.commands);
  CHECK_FALSE(fewer.hosts[0].bytesIn);
}

TEST_CASE("a host is compared with itself, wherever it stood, and a new one with nothing") {
  auto before = sampleOf([](auto stats, auto hosts) { addHosts(hosts, {"web1", "web2"}, 10); });
  auto now = sampleOf([](auto stats, auto hosts) {
    stats.setUptimeMs(stats.getUptimeMs() + 1000);
    addHosts(hosts, {"web3", "web2"}, 30);
  });
  auto rates = ratesBetween(&before, now);
  REQUIRE(rates.hosts.size() == 2);
  CHECK_FALSE(rates.hosts[0].commands);
  CHECK(rates.hosts[1].commands == 20.0);
}

}  // namespace
}  // namespace cbs::cli
