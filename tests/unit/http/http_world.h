// Metrics and health, over pipes and a clock that a test turns, with a daemon that tells what the test wants.
#pragma once

#include "agentd/http/guests.h"

#include <kj/async-io.h>
#include <kj/async.h>

#include <functional>
#include <optional>

namespace cbs::http {

class FakeAgent final : public schema::Agent::Server {
 public:
  kj::Promise<void> stats(StatsContext context) override {
    ++statsAsked;
    if (onStats) onStats();
    return hold().then([this, context]() mutable { fillStats(context.getResults().initStats()); });
  }
  kj::Promise<void> health(HealthContext context) override {
    fillHealth(context.getResults().initHealth());
    return hold();
  }
  kj::Promise<void> details(DetailsContext context) override {
    auto details = context.getResults().initDetails();
    details.setStatus(status);
    details.setUptimeMs(5000);
    details.initQueue().setAccepted(7);
    details.initBreakers(1)[0].setHost("web1");
    return kj::READY_NOW;
  }
  kj::Promise<void> hosts(HostsContext context) override {
    ++hostsAsked;
    auto list = context.getResults().initHosts(1);
    list[0].setHost("web1");
    list[0].setCommands(3);
    return kj::READY_NOW;
  }

  // Says nothing until this is dropped.
  void holdBack() { held_ = kj::newPromiseAndFulfiller<void>(); }
  void letGo() { held_->fulfiller->fulfill(); }

  unsigned statsAsked = 0;
  unsigned hostsAsked = 0;
  std::function<void()> onStats = {};
  schema::Health::Status status = schema::Health::Status::HEALTHY;
  std::string condition = {};

 private:
  kj::Promise<void> hold() {
    if (held_) return kj::mv(held_->promise);
    return kj::READY_NOW;
  }
  void fillStats(schema::Stats::Builder to) {
    to.initDaemon().setVersion("1.2.3");
    to.initEngine().setReused(41);
  }
  void fillHealth(schema::Health::Builder to) {
    to.setStatus(status);
    if (condition.empty()) return;
    auto first = to.initConditions(1)[0];
    first.setCode(condition);
    first.setSeverity(status);
    first.setText("It is so.");
  }

  std::optional<kj::PromiseFulfillerPair<void>> held_;
};

struct HttpWorld {
  HttpWorld() : HttpWorld(kj::heap<FakeAgent>()) {}
  explicit HttpWorld(kj::Own<FakeAgent> agent)
      : daemon(*agent),
        pages(timer, kj::mv(agent), config, traffic, [this]() { return timeUs; }),
        house{timer, pages, traffic, headers} {}

  kj::Own<kj::AsyncIoStream> connect() {
    auto pipe = kj::newTwoWayPipe();
    guests.welcome(kj::mv(pipe.ends[0]));
    return kj::mv(pipe.ends[1]);
  }

  // Sends this, then nothing more, and returns all that comes until the connection is closed.
  std::string ask(const std::string& request) {
    auto stream = connect();
    return ask(*stream, request);
  }
  std::string ask(kj::AsyncIoStream& stream, const std::string& request) {
    auto written = stream.write(request.data(), request.size())
                       .then([&]() { stream.shutdownWrite(); })
                       .eagerlyEvaluate([](kj::Exception&&) {});
    return stream.readAllText().wait(scope).cStr();
  }
  std::string get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"); }

  // Lets time pass, a second after the other, and what is due then happen.
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      turn();
      timer.advanceTo(timer.now() + 1 * kj::SECONDS);
      turn();
    }
  }
  void turn() { scope.poll(); }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  FakeAgent& daemon;
  Config::Metrics config;
  uint64_t timeUs = 0;  // that the loop has taken
  Traffic traffic;
  HeaderTable headers;
  Pages pages;
  House house;
  Guests guests{house};
};

}  // namespace cbs::http
