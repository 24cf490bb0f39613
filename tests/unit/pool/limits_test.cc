#include "agentd/pool/limits.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::pool {
namespace {

HostLimits onlyConnections(unsigned count) {
  HostLimits limits = HostLimits::unset();
  limits.maxConnections = count;
  return limits;
}

TEST_CASE("without an override that matches a host has the limits of all") {
  PoolLimits limits;
  limits.overrides = {{"db*", onlyConnections(2)}};
  CHECK(limits.of("web1", "web1").maxConnections == 8);
  CHECK(limits.of("web1", "web1").idleTimeout == 300 * kj::SECONDS);
}

TEST_CASE("an override changes what it sets and nothing else, for the name as typed or as configured") {
  PoolLimits limits;
  limits.overrides = {{"db*,!db9", onlyConnections(2)}};
  CHECK(limits.of("db1", "10.0.0.1").maxConnections == 2);
  CHECK(limits.of("alias", "db1").maxConnections == 2);
  CHECK(limits.of("me@db1:2222", "10.0.0.1").maxConnections == 2);
  CHECK(limits.of("db9", "10.0.0.9").maxConnections == 8);
  CHECK(limits.of("db9", "db1.example.org").maxConnections == 8);
  CHECK(limits.of("db1", "10.0.0.1").maxAge == 1 * kj::HOURS);
}

TEST_CASE("of several overrides the first that sets a value decides it") {
  PoolLimits limits;
  limits.overrides = {{"db1", onlyConnections(2)}, {"db*", onlyConnections(3)}};
  limits.overrides[1].limits.maxAge = 5 * kj::SECONDS;
  CHECK(limits.of("db1", "db1").maxConnections == 2);
  CHECK(limits.of("db1", "db1").maxAge == 5 * kj::SECONDS);
  CHECK(limits.of("db2", "db2").maxConnections == 3);
}

}  // namespace
}  // namespace cbs::pool
