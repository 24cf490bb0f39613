#include "agentd/pool/pool.h"

#include "tests/support/bad_server.h"
#include "tests/unit/ssh/ssh_world.h"

#include <vector>

namespace cbs::pool {
namespace {

using ssh::World;

// A pool and the ways to hosts of a test.
struct PoolWorld : World {
  explicit PoolWorld(PoolLimits limits = {}, test::SshdOptions options = {})
      : World(std::move(options)), pool(loop, limits) {}

  std::shared_ptr<HostAccess> access(const std::string& address = "127.0.0.1", uint16_t port = 0) {
    auto access = std::make_shared<HostAccess>();
    access->key = sshd.user() + "@" + address + ":" + std::to_string(port);
    access->alias = address;
    access->dial.transport = {address, port == 0 ? sshd.port() : port, AF_UNSPEC, ""};
    access->dial.user = sshd.user();
    access->signer = std::shared_ptr<ssh::Signer>(&signer, [](ssh::Signer*) {});
    access->judge = std::shared_ptr<ssh::HostKeyJudge>(&judge, [](ssh::HostKeyJudge*) {});
    return access;
  }
  kj::Promise<Expected<Lease>> ask(std::shared_ptr<HostAccess> access) { return pool.borrow(kj::mv(access)); }
  Lease borrow(std::shared_ptr<HostAccess> access) {
    auto lease = ask(kj::mv(access)).wait(io.waitScope);
    if (!lease) FAIL(nameOf(lease.error().reason) << ": " << lease.error().detail);
    return kj::mv(*lease);
  }
  // Lets the loop run until `condition` holds.
  template <typename Condition>
  void until(Condition condition) {
    kj::TimePoint end = loop.timer.now() + 20 * kj::SECONDS;
    while (!condition()) {
      REQUIRE(loop.timer.now() < end);
      loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    }
  }
  size_t connections() {
    size_t count = 0;
    pool.forEachHost([&](const HostPool& host) { count += host.members().size(); });
    return count;
  }
  size_t idle() {
    size_t count = 0;
    pool.forEachHost([&](const HostPool& host) {
      for (const auto& member : host.members()) count += member->idle() ? 1 : 0;
    });
    return count;
  }

  Pool pool;
};

TEST_CASE("a connection is made once and used again") {
  PoolWorld world;
  {
    Lease first = world.borrow(world.access());
    REQUIRE_FALSE(first.reused);
    REQUIRE(first.dial.authenticateUs > 0);
  }
  Lease second = world.borrow(world.access());
  REQUIRE(second.reused);
  REQUIRE(world.pool.counters().created == 1);
  REQUIRE(world.pool.counters().reused == 1);
}

TEST_CASE("a hundred callers of one default server get channels on sibling connections") {
  PoolWorld world({.host = {.maxConnections = 10, .maxChannelsPerConnection = 100}},
                  {.limits = test::SshdOptions::Limits::kDefaults});
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 0; i < 100; ++i) asked.push_back(world.ask(world.access()));
  std::vector<Lease> leases;
  for (auto& promise : asked) {
    auto lease = promise.wait(world.io.waitScope);
    REQUIRE(lease);
    leases.push_back(kj::mv(*lease));
  }
  REQUIRE(world.connections() == 10);  // MaxSessions was learned: it is 10
  leases.clear();
  world.until([&]() { return world.idle() == 10; });
}

TEST_CASE("callers wait in order when a host's connections are all busy") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  auto first = std::make_unique<Lease>(world.borrow(world.access()));
  auto second = world.ask(world.access());
  auto third = world.ask(world.access());
  REQUIRE_FALSE(second.poll(world.io.waitScope));
  first.reset();
  {
    auto lease = second.wait(world.io.waitScope);
    REQUIRE(lease);
    REQUIRE_FALSE(third.poll(world.io.waitScope));
  }
  REQUIRE(third.wait(world.io.waitScope));
}

TEST_CASE("callers that give up while they wait leave nothing behind") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  auto first = std::make_unique<Lease>(world.borrow(world.access()));
  {
    std::vector<kj::Promise<Expected<Lease>>> crowd;
    for (int i = 0; i < 1000; ++i) crowd.push_back(world.ask(world.access()));
    for (auto& promise : crowd) REQUIRE_FALSE(promise.poll(world.io.waitScope));
  }
  first.reset();
  REQUIRE(world.ask(world.access()).wait(world.io.waitScope));
  world.until([&]() { return world.idle() == 1; });
}

TEST_CASE("more callers than may wait are told so") {
  PoolWorld world({.maxWaiting = 1, .host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  Lease held = world.borrow(world.access());
  auto waiting = world.ask(world.access());
  auto tooMany = world.ask(world.access()).wait(world.io.waitScope);
  REQUIRE_FALSE(tooMany);
  REQUIRE(tooMany.error().kind == ErrorKind::OVERLOADED);
  REQUIRE(tooMany.error().reason == Reason::POOL_FULL);
}

TEST_CASE("at the instance's limit the least recently used idle connection makes room") {
  PoolWorld world({.maxConnections = 2}, {.address = "0.0.0.0"});
  { Lease a = world.borrow(world.access("127.0.0.1")); }
  world.until([&]() { return world.idle() == 1; });
  { Lease b = world.borrow(world.access("127.0.0.2")); }
  world.until([&]() { return world.idle() == 2; });
  { Lease c = world.borrow(world.access("127.0.0.3")); }
  world.until([&]() { return world.connections() == 2 && world.idle() == 2; });
  REQUIRE(world.borrow(world.access("127.0.0.2")).reused);
  REQUIRE(world.borrow(world.access("127.0.0.3")).reused);
}

TEST_CASE("an idle connection is closed after its time") {
  PoolWorld world({.cleanupInterval = 10 * kj::MILLISECONDS, .host = {.idleTimeout = 20 * kj::MILLISECONDS}});
  { Lease lease = world.borrow(world.access()); }
  world.until([&]() { return world.connections() == 0; });
  REQUIRE(world.pool.counters().closed == 1);
  REQUIRE_FALSE(world.borrow(world.access()).reused);
}

TEST_CASE("a connection that died while idle is never lent") {
  PoolWorld world;
  { Lease lease = world.borrow(world.access()); }
  world.until([&]() { return world.idle() == 1; });
  world.sshd.killConnections();
  Lease lease = world.borrow(world.access());
  auto ran = ssh::runOn(kj::mv(lease.channel), "echo alive").promise().wait(world.io.waitScope);
  // The kill may still be on its way when the channel is lent; a command that was not sent is tried again by the
  // engine.
  if (ran) {
    REQUIRE(ran->out == "alive\n");
  } else {
    REQUIRE(ran.error().kind == ErrorKind::LOST);
  }
}

TEST_CASE("a host that cannot be reached opens its breaker, and then fails at once") {
  PoolLimits limits;
  limits.host.reachability.connect = {.failureThreshold = 2, .openFor = 1 * kj::HOURS};
  PoolWorld world(limits);
  test::BadServer server(test::BadServer::Manner::kRefuses);
  auto ask = [&]() { return world.ask(world.access("127.0.0.1", server.port())).wait(world.io.waitScope).error(); };
  REQUIRE(ask().reason == Reason::CONNECTION_REFUSED);
  REQUIRE(ask().reason == Reason::CONNECTION_REFUSED);
  Error open = ask();
  REQUIRE(open.kind == ErrorKind::UNREACHABLE);
  REQUIRE(open.reason == Reason::BREAKER_OPEN);
  REQUIRE(open.fact("lastReason") == "connectionRefused");
  REQUIRE(world.pool.counters().failures.at(Reason::CONNECTION_REFUSED) == 2);
  REQUIRE_FALSE(world.borrow(world.access()).reused);  // another host is not concerned
}

TEST_CASE("a refused host key fails every caller that waits and leaves the breaker closed") {
  PoolWorld world({.host = {.reachability = {.connect = {.failureThreshold = 1}}}});
  world.judge.refuse = true;
  auto first = world.ask(world.access());
  auto second = world.ask(world.access());
  REQUIRE(first.wait(world.io.waitScope).error().reason == Reason::HOST_KEY_CHANGED);
  REQUIRE(second.wait(world.io.waitScope).error().reason == Reason::HOST_KEY_CHANGED);
  world.judge.refuse = false;
  REQUIRE(world.ask(world.access()).wait(world.io.waitScope));
}

}  // namespace
}  // namespace cbs::pool
