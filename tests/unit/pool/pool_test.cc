#include "tests/support/bad_server.h"
#include "tests/support/tcp_proxy.h"
#include "tests/unit/pool/pool_world.h"

#include <vector>

namespace cbs::pool {
namespace {

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

// How many logins the server has dropped.
size_t drops(const test::Sshd& sshd) {
  std::string log = sshd.log();
  size_t count = 0;
  for (size_t at = 0; (at = log.find("MaxStartups", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_CASE("a thousand callers of a default server are all served, and it drops no login") {
  PoolWorld world({.host = {.maxConnections = 40}}, {.limits = test::SshdOptions::Limits::kDefaults});
  auto useOnce = [](kj::Promise<Expected<Lease>> asked) -> Task<bool> {
    auto lease = co_await asked;
    co_return lease.has_value();
  };
  std::vector<Task<bool>> callers;
  for (int i = 0; i < 1000; ++i) callers.push_back(useOnce(world.ask(world.access())));
  for (auto& caller : callers) REQUIRE(kj::mv(caller).promise().wait(world.io.waitScope));
  CHECK(world.connections() <= 40);
  CHECK(drops(world.sshd) == 0);
}

TEST_CASE("several names for one address share its window of logins") {
  PoolWorld world({}, {.limits = test::SshdOptions::Limits::kDefaults});
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 0; i < 40; ++i) asked.push_back(world.ask(world.accessAs("name" + std::to_string(i))));
  for (auto& promise : asked) REQUIRE(promise.wait(world.io.waitScope));
  CHECK(drops(world.sshd) == 0);
}

TEST_CASE("hosts that do not answer keep nobody else waiting, however many they are") {
  PoolWorld world({.maxLoginsAtOnce = 1}, {.address = "0.0.0.0"});
  test::BadServer silent(test::BadServer::Manner::kStaysSilent);
  test::BadServer away(test::BadServer::Manner::kNeverAnswers);
  std::vector<kj::Promise<Expected<Lease>>> hanging;
  hanging.push_back(world.ask(world.access("127.0.0.1", silent.port())));
  hanging.push_back(world.ask(world.access("127.0.0.1", away.port())));
  world.until([&]() {
    return world.pool.gatekeeper().figures("127.0.0.1:" + std::to_string(away.port())).loginsUnderWay == 1;
  });
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 1; i <= 10; ++i) asked.push_back(world.ask(world.access("127.0.0." + std::to_string(i))));
  for (auto& promise : asked) REQUIRE(promise.wait(world.io.waitScope));
  for (auto& promise : hanging) CHECK_FALSE(promise.poll(world.io.waitScope));
}

TEST_CASE("a server that drops logins gets fewer at once, and all are served in the end") {
  PoolWorld world({}, {.limits = test::SshdOptions::Limits::kDefaults, .lines = {"MaxStartups 2:100:2"}});
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 0; i < 12; ++i) asked.push_back(world.ask(world.accessAs("name" + std::to_string(i))));
  for (auto& promise : asked) {
    auto lease = promise.wait(world.io.waitScope);
    if (!lease) FAIL(nameOf(lease.error().reason) << ": " << lease.error().detail);
  }
  CHECK(world.pool.counters().failures.at(Reason::STARTUPS_EXCEEDED) > 0);
  CHECK(world.pool.gatekeeper().shutAddresses().empty());
}

TEST_CASE("a login that the server refuses is not tried again until its time, or until a person says so") {
  PoolWorld world;
  auto access = world.access();
  access->dial.user = "nobody-of-that-name";
  auto ask = [&]() { return world.ask(access).wait(world.io.waitScope).error(); };
  CHECK(ask().reason == Reason::KEYS_REFUSED);
  Error open = ask();
  CHECK(open.kind == ErrorKind::AUTH_REFUSED);
  CHECK(open.reason == Reason::BREAKER_OPEN);
  CHECK(open.fact("lastReason") == "keysRefused");
  CHECK(world.pool.find(access->key)->resetBreakers());
  CHECK(ask().reason == Reason::KEYS_REFUSED);
}

TEST_CASE("an address that fails under some names is not tried under others") {
  PoolLimits limits;
  limits.host.reachability.connect = {.failureThreshold = 3, .openFor = 1 * kj::HOURS};
  PoolWorld world(limits);
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  auto askAs = [&](const std::string& name) {
    return world.ask(world.accessAs(name, server.port())).wait(world.io.waitScope).error();
  };
  for (auto name : {"a", "b", "c"}) CHECK(askAs(name).reason == Reason::CONNECTION_CLOSED);
  Error shut = askAs("d");
  CHECK(shut.reason == Reason::BREAKER_OPEN);
  CHECK(shut.fact("lastReason") == "connectionClosed");
  auto shutAddresses = world.pool.gatekeeper().shutAddresses();
  REQUIRE(shutAddresses.size() == 1);
  CHECK_FALSE(shutAddresses[0].halfOpen);
  CHECK(shutAddresses[0].failures == 3);
  CHECK(shutAddresses[0].lastFailure.reason == Reason::CONNECTION_CLOSED);
  CHECK_FALSE(world.borrow(world.access()).reused);  // another port is another address
}

TEST_CASE("a caller at its limit waits, and another one does not") {
  PoolWorld world({.maxChannelsPerCaller = 1});
  auto first = std::make_unique<Lease>(world.borrow(world.accessFor("ann")));
  auto second = world.ask(world.accessFor("ann"));
  Lease other = world.borrow(world.accessFor("bob"));
  CHECK_FALSE(second.poll(world.io.waitScope));
  first.reset();
  CHECK(second.wait(world.io.waitScope));
}

TEST_CASE("callers of one host take turns, whoever has asked for more") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  auto held = std::make_unique<Lease>(world.borrow(world.access()));
  std::vector<kj::Promise<Expected<Lease>>> flood;
  for (int i = 0; i < 100; ++i) flood.push_back(world.ask(world.accessFor("ann")));
  auto other = world.ask(world.accessFor("bob"));
  held.reset();
  { auto lease = flood[0].wait(world.io.waitScope); }
  auto lease = other.wait(world.io.waitScope);
  CHECK(lease);
  CHECK_FALSE(flood[1].poll(world.io.waitScope));
}

TEST_CASE("at the instance's limit hosts take turns, as soon as a connection has nothing to do") {
  PoolWorld world({.maxConnections = 1}, {.address = "0.0.0.0"});
  auto held = std::make_unique<Lease>(world.borrow(world.access("127.0.0.1")));
  auto second = world.ask(world.access("127.0.0.2"));
  auto third = world.ask(world.access("127.0.0.3"));
  CHECK_FALSE(second.poll(world.io.waitScope));
  held.reset();
  {
    auto lease = second.wait(world.io.waitScope);
    REQUIRE(lease);
    CHECK_FALSE(third.poll(world.io.waitScope));
  }
  CHECK(third.wait(world.io.waitScope));
}

TEST_CASE("a caller who gives up just before it gets its channel leaves it to the next") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  { Lease lease = world.borrow(world.access()); }
  for (int turns = 0; turns < 20; ++turns) {
    world.until([&]() { return world.idle() == 1; });
    auto leaving = std::make_optional(world.ask(world.access()));
    auto next = world.ask(world.access());
    for (int i = 0; i < turns; ++i) kj::evalLater([]() {}).wait(world.io.waitScope);
    leaving.reset();
    REQUIRE(next.wait(world.io.waitScope));
  }
}

TEST_CASE("a connection that is too old is lent no more, and ends with what uses it") {
  PoolWorld world({.host = {.maxAge = 50 * kj::MILLISECONDS}});
  auto old = std::make_unique<Lease>(world.borrow(world.access()));
  world.loop.timer.afterDelay(60 * kj::MILLISECONDS).wait(world.io.waitScope);
  Lease young = world.borrow(world.access());
  CHECK_FALSE(young.reused);
  CHECK(world.connections() == 2);
  auto ran = ssh::runOn(kj::mv(old->channel), "echo still here").promise().wait(world.io.waitScope);
  REQUIRE(ran);
  CHECK(ran->out == "still here\n");
  old.reset();
  world.until([&]() { return world.connections() == 1; });
}

TEST_CASE("a connection that has carried enough is lent no more") {
  PoolWorld world({.host = {.maxBytes = 100'000}});
  {
    Lease lease = world.borrow(world.access());
    auto ran = ssh::runOn(kj::mv(lease.channel), "head -c 200000 /dev/zero").promise().wait(world.io.waitScope);
    REQUIRE(ran);
    REQUIRE(ran->out.size() == 200'000);
  }
  CHECK_FALSE(world.borrow(world.access()).reused);
}

TEST_CASE("of the idle connections those that were cut are not lent, and the others are") {
  PoolWorld world;
  test::TcpProxy wire("127.0.0.1", world.sshd.port());
  auto cut = world.access("127.0.0.1", wire.port());
  { Lease a = world.borrow(world.access()), b = world.borrow(cut); }
  world.until([&]() { return world.idle() == 2; });
  wire.cut();
  world.until([&]() { return world.connections() == 1; });
  CHECK(world.borrow(world.access()).reused);
  CHECK_FALSE(world.borrow(cut).reused);
}

TEST_CASE("a connection that was silent for long has to prove its life, and is replaced if it cannot") {
  PoolWorld world({.host = {.connectTimeout = 500 * kj::MILLISECONDS, .probeAfter = 10 * kj::MILLISECONDS}});
  test::TcpProxy wire("127.0.0.1", world.sshd.port());
  auto access = world.access("127.0.0.1", wire.port());
  // The server still has a channel to open ahead, whose reply is a sign of life.
  auto beSilent = [&]() {
    world.until([&]() { return world.idle() == 1; });
    for (uint64_t before = 0; before != world.bytesIn();) {
      before = world.bytesIn();
      world.loop.timer.afterDelay(100 * kj::MILLISECONDS).wait(world.io.waitScope);
    }
  };
  { Lease lease = world.borrow(access); }
  beSilent();
  CHECK(world.borrow(access).reused);
  beSilent();
  wire.stall();
  auto asked = world.ask(access);
  world.until([&]() { return world.connections() == 0; });
  wire.resume();
  auto lease = asked.wait(world.io.waitScope);
  if (!lease) FAIL(nameOf(lease.error().reason) << ": " << lease.error().detail);
  CHECK_FALSE(lease->reused);
}

TEST_CASE("a server that falls silent while somebody waits is given up after unanswered questions") {
  PoolWorld world({.host = {.keepaliveInterval = 50 * kj::MILLISECONDS}});
  test::TcpProxy wire("127.0.0.1", world.sshd.port());
  Lease lease = world.borrow(world.access("127.0.0.1", wire.port()));
  auto running = ssh::runOn(kj::mv(lease.channel), "sleep 600").promise();
  CHECK_FALSE(running.poll(world.io.waitScope));
  world.loop.timer.afterDelay(500 * kj::MILLISECONDS).wait(world.io.waitScope);
  CHECK(world.connections() == 1);  // a live server answers, however long its command takes
  wire.stall();
  auto ran = running.wait(world.io.waitScope);
  REQUIRE_FALSE(ran);
  CHECK(ran.error().kind == ErrorKind::LOST);
}

TEST_CASE("disconnecting closes what is idle, and what is busy when it is done") {
  PoolWorld world({.host = {.maxChannelsPerConnection = 1}});
  auto busy = std::make_unique<Lease>(world.borrow(world.access()));
  { Lease idle = world.borrow(world.access()); }
  world.until([&]() { return world.idle() == 1; });
  auto disconnected = world.pool.find(world.access()->key)->disconnect(false);
  CHECK(disconnected.closed == 1);
  CHECK(disconnected.leaving == 1);
  world.until([&]() { return world.connections() == 1; });
  CHECK_FALSE(world.borrow(world.access()).reused);
  busy.reset();
  auto all = world.pool.find(world.access()->key)->disconnect(true);
  CHECK(all.closed >= 1);
  world.until([&]() { return world.connections() == 0; });
}

TEST_CASE("new limits apply to connections that are there, and none is dropped for them") {
  PoolWorld world;
  { Lease lease = world.borrow(world.access()); }
  world.until([&]() { return world.idle() == 1; });
  PoolLimits limits;
  limits.maxConnections = 1;
  limits.overrides = {{"127.0.0.1", HostLimits::unset()}};
  limits.overrides[0].limits.maxConnections = 3;
  world.pool.setLimits(limits);
  CHECK(world.connections() == 1);
  CHECK(world.pool.find(world.access()->key)->limits().maxConnections == 3);
  CHECK(world.borrow(world.access()).reused);
}

}  // namespace
}  // namespace cbs::pool
