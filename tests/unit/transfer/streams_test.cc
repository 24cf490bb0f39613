#include "agentd/transfer/streams.h"

#include "tests/support/delaying_proxy.h"
#include "tests/unit/ssh/ssh_world.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

// Channels on connections of its own, as many on each as it is told.
class TestChannels final : public Channels {
 public:
  TestChannels(ssh::World& world, unsigned connections, uint16_t port) {
    for (unsigned i = 0; i < connections; ++i) {
      auto connection = world.tryDial(port);
      if (!connection) FAIL(connection.error().detail);
      this->connections.push_back(kj::mv(*connection));
    }
  }

  Task<Expected<kj::Own<Held>>> bulk() override {
    ++asked;
    if (waitFor) co_await *waitFor;
    if (unreachable) co_return fail(ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, "");
    auto channel = co_await connections[next]->openChannel();
    if (next + 1 < connections.size()) ++next;
    if (!channel) co_return fail(channel.error());
    if (dying > 0) {
      --dying;
      (*channel)->session().kill("it dies before it is used");
    }
    ++held;
    co_return kj::Own<Held>(kj::heap<HeldChannel>(*this, kj::mv(*channel)));
  }
  Task<Expected<kj::Own<Held>>> command() override { return bulk(); }

  std::vector<kj::Own<ssh::Connection>> connections;
  size_t next = 0;  // the connection of the next channel; the last one goes on for ever
  int asked = 0;
  int held = 0;
  int dying = 0;  // so many channels are dead when they are lent
  bool unreachable = false;
  std::optional<kj::Promise<void>> waitFor;  // before the one channel that is asked for next

 private:
  struct HeldChannel final : Held {
    HeldChannel(TestChannels& channels, kj::Own<ssh::Channel> channel) : channels(channels), itself(kj::mv(channel)) {}
    ~HeldChannel() noexcept(false) override { --channels.held; }
    ssh::Channel& channel() override { return *itself; }
    TestChannels& channels;
    kj::Own<ssh::Channel> itself;
  };
};

struct StreamsWorld : ssh::World {
  // Each way takes `delay`.
  explicit StreamsWorld(test::SshdOptions options = {}, std::chrono::milliseconds delay = {}, unsigned connections = 1)
      : World(std::move(options)), proxy("127.0.0.1", sshd.port(), delay), channels(*this, connections, proxy.port()) {}

  Streams& begin(unsigned fixed = 0) {
    streams = std::make_unique<Streams>(loop, channels, fixed);
    auto started = streams->start().promise().wait(io.waitScope);
    if (!started) FAIL(nameOf(started.error().reason) << ": " << started.error().detail);
    return *streams;
  }
  kj::Promise<Expected<Streams::Place>> ask(size_t bytes) { return streams->place(bytes); }
  Streams::Place place(size_t bytes) {
    auto place = ask(bytes).wait(io.waitScope);
    if (!place) FAIL(nameOf(place.error().reason) << ": " << place.error().detail);
    return kj::mv(*place);
  }
  template <typename Condition>
  void until(Condition condition) {
    kj::TimePoint end = loop.timer.now() + 20 * kj::SECONDS;
    while (!condition()) {
      REQUIRE(loop.timer.now() < end);
      loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    }
  }
  // Lets the first stream answer: what was begun at the same time has been begun by then.
  void roundTrip() { REQUIRE(streams->first().realPath(".").promise().wait(io.waitScope)); }

  test::DelayingProxy proxy;
  TestChannels channels;
  std::unique_ptr<Streams> streams;
};

constexpr auto kFarAway = std::chrono::milliseconds(12);

TEST_CASE("streams begin with one, which serves requests") {
  StreamsWorld world;
  Streams& streams = world.begin();
  CHECK(streams.count() == 1);
  auto place = world.place(1000);
  CHECK(place.index() == 0);
  CHECK(place.sftp().stat(world.sshd.remoteFolder()).promise().wait(world.io.waitScope));
}

TEST_CASE("on a long way all streams come as soon as much is to be moved") {
  StreamsWorld world({}, kFarAway);
  Streams& streams = world.begin();
  { auto little = world.place(kMiB / 2); }
  for (int i = 0; i < 4; ++i) world.roundTrip();
  CHECK(streams.count() == 1);
  { auto rest = world.place(kMiB / 2); }
  world.until([&]() { return streams.count() == Streams::kMost; });
  CHECK(streams.most() == Streams::kMost);
  CHECK(world.channels.asked == Streams::kMost);
}

TEST_CASE("a number of streams that was asked for is had once much is to be moved") {
  StreamsWorld world;
  Streams& streams = world.begin(3);
  { auto little = world.place(1000); }
  CHECK(world.channels.asked == 1);
  { auto much = world.place(kMiB); }
  world.until([&]() { return streams.count() == 3; });
  { auto more = world.place(10 * kMiB); }
  CHECK(world.channels.asked == 3);
}

TEST_CASE("requests go to the stream with the least under way") {
  StreamsWorld world;
  Streams& streams = world.begin(2);
  { auto much = world.place(kMiB); }
  world.until([&]() { return streams.count() == 2; });
  auto a = world.place(2000);
  auto b = std::make_unique<Streams::Place>(world.place(1000));
  auto c = world.place(500);
  CHECK(a.index() == 0);
  CHECK(b->index() == 1);
  CHECK(c.index() == 1);
  b.reset();
  CHECK(world.place(100).index() == 1);
}

TEST_CASE("what does not fit waits in order, and goes when there is room") {
  StreamsWorld world;
  world.begin(1);
  auto first = std::make_unique<Streams::Place>(world.place(Streams::kMostUnderWayNear - kMiB / 4));
  auto second = std::make_unique<Streams::Place>(world.place(kMiB / 4));
  auto third = world.ask(kMiB / 2);
  auto fourth = world.ask(1);
  second.reset();
  CHECK_FALSE(third.poll(world.io.waitScope));
  CHECK_FALSE(fourth.poll(world.io.waitScope));  // there is room, but it is not its turn
  first.reset();
  CHECK(third.wait(world.io.waitScope));
  CHECK(fourth.wait(world.io.waitScope));
}

TEST_CASE("a request larger than what may be under way goes on its own") {
  StreamsWorld world;
  world.begin(1);
  auto large = std::make_unique<Streams::Place>(world.place(10 * kMiB));
  auto next = world.ask(1);
  CHECK_FALSE(next.poll(world.io.waitScope));
  large.reset();
  CHECK(next.wait(world.io.waitScope));
}

TEST_CASE("whoever gives up while waiting leaves the turn to the next") {
  StreamsWorld world;
  world.begin(1);
  auto first = std::make_unique<Streams::Place>(world.place(Streams::kMostUnderWay));
  auto leaving = std::make_optional(world.ask(Streams::kMostUnderWay));
  auto gone = std::make_optional(world.ask(Streams::kMostUnderWay));
  auto last = world.ask(1);
  gone.reset();
  first.reset();    // which serves the second
  leaving.reset();  // before it has noticed
  CHECK(last.wait(world.io.waitScope));
}

TEST_CASE("those who wait go on when another stream appears") {
  StreamsWorld world;
  Streams& streams = world.begin(2);
  auto pair = kj::newPromiseAndFulfiller<void>();
  world.channels.waitFor.emplace(kj::mv(pair.promise));
  auto first = world.place(Streams::kMostUnderWay);
  auto second = world.ask(kMiB);
  CHECK_FALSE(second.poll(world.io.waitScope));
  pair.fulfiller->fulfill();
  auto place = second.wait(world.io.waitScope);
  REQUIRE(place);
  CHECK((*place).index() == 1);
  CHECK(streams.count() == 2);
}

TEST_CASE("a server of two sessions gives two streams, and is not asked again and again") {
  StreamsWorld world({.lines = {"MaxSessions 2"}}, kFarAway);
  Streams& streams = world.begin();
  { auto much = world.place(kMiB); }
  world.until([&]() { return world.channels.asked == Streams::kMost && streams.count() == 2; });
  for (int i = 0; i < 5; ++i) {
    auto more = world.place(kMiB);
    more.done(kMiB);
    world.roundTrip();
  }
  CHECK(streams.count() == 2);
  CHECK(world.channels.asked == Streams::kMost);
}

TEST_CASE("a channel that was dead when it was lent is replaced") {
  StreamsWorld world({}, {}, 3);
  world.channels.dying = 2;
  world.begin();
  CHECK(world.channels.asked == 3);
  CHECK(world.channels.held == 1);
}

TEST_CASE("after three dead channels it is enough") {
  StreamsWorld world({}, {}, 4);
  world.channels.dying = 3;
  Streams streams(world.loop, world.channels, 0);
  auto started = streams.start().promise().wait(world.io.waitScope);
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::LOST);
  CHECK(world.channels.asked == 3);
}

TEST_CASE("the first stream fails with the error of its connection, or for want of SFTP") {
  StreamsWorld world({.lines = {"Match all", "ForceCommand /bin/false"}});
  Streams without(world.loop, world.channels, 0);
  auto started = without.start().promise().wait(world.io.waitScope);
  REQUIRE_FALSE(started);
  CHECK(started.error().reason == Reason::SFTP_UNAVAILABLE);
  CHECK(world.channels.asked == 1);
  world.channels.unreachable = true;
  started = Streams(world.loop, world.channels, 0).start().promise().wait(world.io.waitScope);
  REQUIRE_FALSE(started);
  CHECK(started.error().reason == Reason::CONNECTION_REFUSED);
}

TEST_CASE("a stream that breaks is used no more, and the others go on") {
  StreamsWorld world({}, {}, 2);
  Streams& streams = world.begin(2);
  { auto much = world.place(kMiB); }
  world.until([&]() { return streams.count() == 2; });
  world.channels.connections[0]->close("cut");
  world.until([&]() { return streams.first().broken(); });
  CHECK(streams.count() == 1);
  auto a = world.place(1000);
  auto b = world.place(1000);
  CHECK(a.index() == 1);
  CHECK(b.index() == 1);
  CHECK(b.sftp().realPath(".").promise().wait(world.io.waitScope));
  CHECK(world.channels.asked == 2);
}

TEST_CASE("when all streams are broken those who wait and those who come are told why") {
  StreamsWorld world;
  Streams& streams = world.begin(1);
  auto first = std::make_unique<Streams::Place>(world.place(Streams::kMostUnderWay));
  auto waiting = world.ask(1);
  world.channels.connections[0]->close("cut");
  world.until([&]() { return streams.first().broken(); });
  first.reset();
  auto told = waiting.wait(world.io.waitScope);
  REQUIRE_FALSE(told);
  CHECK(told.error().kind == ErrorKind::TRANSFER_FAILED);
  CHECK(told.error().reason == Reason::CONNECTION_LOST);
  auto late = world.ask(1).wait(world.io.waitScope);
  REQUIRE_FALSE(late);
  CHECK(late.error().reason == Reason::CONNECTION_LOST);
}

TEST_CASE("streams that end give all channels back, even while others are being opened") {
  StreamsWorld world({}, kFarAway);
  Streams& streams = world.begin();
  { auto much = world.place(kMiB); }
  world.until([&]() { return streams.count() >= 2; });
  world.streams.reset();
  CHECK(world.channels.held == 0);
}

}  // namespace
}  // namespace cbs::transfer
