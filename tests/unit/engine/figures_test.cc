#include "tests/support/bad_server.h"
#include "tests/unit/engine/engine_world.h"

#include <optional>
#include <vector>

namespace cbs::engine {
namespace {

// Notes the end of a command.
class EndSink final : public schema::OutputSink::Server {
 public:
  explicit EndSink(std::optional<Error>& error) : error_(error) {}
  kj::Promise<void> write(WriteContext) override { return kj::READY_NOW; }
  kj::Promise<void> finished(FinishedContext context) override {
    error_ = cbs::decode(context.getParams().getOutcome().getError());
    return kj::READY_NOW;
  }

 private:
  std::optional<Error>& error_;
};

struct FiguresWorld : EngineWorld {
  explicit FiguresWorld(pool::PoolLimits limits = {}) { engine = kj::heap<EngineServer>(loop, limits); }

  // Runs a command to its end, and tells what was wrong with it.
  ErrorKind run(const char* line, const std::string& host = "host", uint16_t port = 0) {
    std::optional<Error> error;
    auto command = start(line, error, host, port);
    until([&]() { return error.has_value(); });
    return error->kind;
  }
  schema::Command::Client start(const char* line, std::optional<Error>& error, const std::string& host = "host",
                                uint16_t port = 0) {
    auto request = engine.execRequest();
    address(request);
    request.getHost().setAlias(host.c_str());
    request.getHost().setPoolKey(host.c_str());
    if (port != 0) request.getHost().setPort(port);
    request.initSpec().getCommand().setLine(kj::StringPtr(line).asBytes());
    request.setOutput(kj::heap<EndSink>(error));
    return request.send().getCommand();
  }
  auto stats() { return engine.statsRequest().send().wait(io.waitScope); }
  auto hosts(uint32_t limit = 10) {
    auto request = engine.hostsRequest();
    request.setLimit(limit);
    return request.send().wait(io.waitScope);
  }
  auto breakers(uint32_t limit = 10) {
    auto request = engine.breakersRequest();
    request.setLimit(limit);
    return request.send().wait(io.waitScope);
  }
  void disconnect() {
    auto request = engine.disconnectRequest();
    request.setNow(true);
    request.send().wait(io.waitScope);
  }
};

pool::PoolLimits breakingAfter(uint32_t failures, kj::Duration openFor = 1 * kj::HOURS) {
  pool::PoolLimits limits;
  limits.host.reachability.connect = {.failureThreshold = failures, .openFor = openFor};
  return limits;
}

TEST_CASE("an engine that has done nothing tells of nothing, with all its histograms") {
  FiguresWorld world;
  auto answer = world.stats();
  auto stats = answer.getStats();
  CHECK(stats.getHosts() == 0);
  CHECK(stats.getBreakersOpen() + stats.getBreakersHalfOpen() == 0);
  for (auto durations : {stats.getUploads(), stats.getDownloads(), stats.getListings(), stats.getPhases().getResolve(),
                         stats.getPhases().getConnect(), stats.getPhases().getHandshake(),
                         stats.getPhases().getAuthenticate(), stats.getPhases().getOpen()}) {
    CHECK(durations.getCount() == 0);
    CHECK(durations.getBuckets().size() == schema::BUCKET_BOUNDS_US->size());
  }
  CHECK(world.hosts().getHosts().size() == 0);
  CHECK(world.breakers().getBreakers().size() == 0);
}

TEST_CASE("each phase of a connection counts once, and each channel that the server has opened") {
  FiguresWorld world;
  for (int i = 0; i < 3; ++i) REQUIRE(world.run("true") == ErrorKind::NONE);
  auto answer = world.stats();
  auto stats = answer.getStats();
  CHECK(stats.getCreated() == 1);
  CHECK(stats.getReused() == 2);
  CHECK(stats.getHosts() == 1);
  auto phases = stats.getPhases();
  for (auto durations : {phases.getResolve(), phases.getConnect(), phases.getHandshake(), phases.getAuthenticate()}) {
    CHECK(durations.getCount() == 1);
  }
  CHECK(phases.getHandshake().getSumUs() > 0);
  CHECK(phases.getAuthenticate().getSumUs() > 0);
  CHECK(phases.getOpen().getCount() >= 3);
  CHECK(phases.getOpen().getSumUs() > 0);
}

TEST_CASE("a connection that was not made has no phases") {
  FiguresWorld world;
  test::BadServer server(test::BadServer::Manner::kClosesAfterBanner);
  REQUIRE(world.run("true", "bad", server.port()) == ErrorKind::UNREACHABLE);
  auto answer = world.stats();
  auto phases = answer.getStats().getPhases();
  CHECK(phases.getConnect().getCount() == 0);
  CHECK(phases.getHandshake().getCount() == 0);
}

TEST_CASE("a host is told with what it was used for, also when its connections are gone") {
  FiguresWorld world;
  for (int i = 0; i < 3; ++i) REQUIRE(world.run("head -c 100000 /dev/zero") == ErrorKind::NONE);
  auto before = world.hosts();
  REQUIRE(before.getHosts().size() == 1);
  auto host = before.getHosts()[0];
  CHECK(kj::StringPtr(host.getHost()) == "host");
  CHECK(std::string(host.getUser().cStr()) == world.sshd.user());
  CHECK(std::string(host.getAddress().cStr()) == "127.0.0.1:" + std::to_string(world.sshd.port()));
  CHECK(host.getConnections() == 1);
  CHECK(host.getCommands() == 3);
  CHECK(host.getBytesIn() > 300'000);
  CHECK(host.getBytesOut() > 0);

  world.disconnect();
  world.until([&]() { return world.stats().getStats().getClosed() == 1; });
  auto after = world.hosts();
  REQUIRE(after.getHosts().size() == 1);
  CHECK(after.getHosts()[0].getConnections() == 0);
  CHECK(after.getHosts()[0].getCommands() == 3);
  CHECK(after.getHosts()[0].getBytesIn() >= host.getBytesIn());
  CHECK(after.getHosts()[0].getBytesOut() >= host.getBytesOut());
  CHECK(after.getHosts()[0].getFailures() == 0);  // a user wanted it

  REQUIRE(world.run("true") == ErrorKind::NONE);
  auto again = world.hosts();
  CHECK(again.getHosts()[0].getCommands() == 4);
  CHECK(again.getHosts()[0].getBytesIn() > after.getHosts()[0].getBytesIn());
}

TEST_CASE("connections that cannot be made or break are a host's failures") {
  FiguresWorld world;
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  world.run("true", "bad", server.port());
  CHECK(world.hosts().getHosts()[0].getFailures() == 1);
  // The command ends the server's process of its connection, and so that.
  world.run("kill -9 $PPID", "good");
  world.until([&]() { return world.stats().getStats().getClosed() >= 1; });
  auto figures = world.hosts();
  REQUIRE(figures.getHosts().size() == 2);
  CHECK(kj::StringPtr(figures.getHosts()[0].getHost()) == "good");
  CHECK(figures.getHosts()[0].getFailures() >= 1);
}

TEST_CASE("of many hosts the busiest are told: by channels, then by commands") {
  FiguresWorld world;
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  for (int i = 0; i < 100; ++i) world.run("true", "bad" + std::to_string(i), server.port());
  for (int i = 0; i < 2; ++i) world.run("true", "often");
  world.run("true", "once");
  std::optional<Error> error;
  auto command = world.start("sleep 60", error, "now");
  world.until([&]() {
    auto figures = world.hosts(1);
    return figures.getHosts()[0].getChannels() == 1 && kj::StringPtr(figures.getHosts()[0].getHost()) == "now";
  });
  auto figures = world.hosts(3);
  auto list = figures.getHosts();
  REQUIRE(list.size() == 3);
  CHECK(kj::StringPtr(list[1].getHost()) == "often");
  CHECK(kj::StringPtr(list[2].getHost()) == "once");
  CHECK(world.hosts(0).getHosts().size() == 0);
  CHECK(world.hosts(5000).getHosts().size() == 103);
  CHECK(world.stats().getStats().getHosts() == 103);
}

TEST_CASE("a breaker that is open is told with why, and is none any more once it is reset") {
  FiguresWorld world(breakingAfter(1));
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  world.run("true", "bad", server.port());
  auto answer = world.breakers();
  REQUIRE(answer.getBreakers().size() == 1);
  auto breaker = answer.getBreakers()[0];
  CHECK(kj::StringPtr(breaker.getHost()) == "bad");
  CHECK(std::string(breaker.getAddress().cStr()) == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(kj::StringPtr(breaker.getState()) == "open");
  CHECK(breaker.getFailures() == 1);
  CHECK(breaker.getRetryAfterMs() > 3'000'000);
  CHECK_FALSE(breaker.getLoginRefused());
  CHECK(breaker.getLastError().getReason() == Reason::CONNECTION_CLOSED);
  CHECK(answer.getMore() == 0);
  auto none = world.breakers(0);
  CHECK(none.getBreakers().size() == 0);
  CHECK(none.getMore() == 1);
  CHECK(world.stats().getStats().getBreakersOpen() == 1);

  world.engine.resetBreakersRequest().send().wait(world.io.waitScope);
  CHECK(world.breakers().getBreakers().size() == 0);
  CHECK(world.stats().getStats().getBreakersOpen() == 0);
}

TEST_CASE("a breaker whose time is over is half open, and not open") {
  FiguresWorld world(breakingAfter(1, 1 * kj::MILLISECONDS));
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  world.run("true", "bad", server.port());
  world.until([&]() { return world.stats().getStats().getBreakersHalfOpen() == 1; });
  CHECK(world.stats().getStats().getBreakersOpen() == 0);
  auto answer = world.breakers();
  REQUIRE(answer.getBreakers().size() == 1);
  CHECK(kj::StringPtr(answer.getBreakers()[0].getState()) == "halfOpen");
  CHECK(answer.getBreakers()[0].getRetryAfterMs() == 0);
  CHECK(answer.getBreakers()[0].getLastError().getReason() == Reason::CONNECTION_CLOSED);
}

TEST_CASE("an address that several names lead to is told by itself, as long as none of them is shut") {
  FiguresWorld world(breakingAfter(3));
  test::BadServer server(test::BadServer::Manner::kClosesAtOnce);
  for (auto name : {"a", "b", "c"}) world.run("true", name, server.port());
  auto answer = world.breakers();
  REQUIRE(answer.getBreakers().size() == 1);
  auto breaker = answer.getBreakers()[0];
  CHECK(breaker.getHost().size() == 0);
  CHECK(std::string(breaker.getAddress().cStr()) == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(kj::StringPtr(breaker.getState()) == "open");
  CHECK(breaker.getFailures() == 3);
  CHECK(breaker.getLastError().getReason() == Reason::CONNECTION_CLOSED);
  CHECK(world.stats().getStats().getBreakersOpen() == 1);
}

}  // namespace
}  // namespace cbs::engine
