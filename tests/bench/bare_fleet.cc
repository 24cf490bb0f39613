#include "tests/bench/bare_fleet.h"

#include "tests/bench/interruption.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"

#include <sys/epoll.h>

#include <span>

namespace cbs::bench {
namespace {

constexpr int kLongestSilenceMs = 60'000;

}  // namespace

BareFleet::BareFleet(const ManyAddresses& server, int jobs)
    : server_(server), key_(server.loginAt("")), jobs_(jobs), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.open()) test::failErrno("epoll_create1");
}

FanCost BareFleet::run(const FanTask& task) {
  double before = ownCpuMs(getpid());
  Stopwatch stopwatch;
  runEverywhere(task);
  return {.seconds = stopwatch.seconds(), .cpuMs = ownCpuMs(getpid()) - before};
}

void BareFleet::runEverywhere(const FanTask& task) {
  auto count = static_cast<size_t>(task.hosts);
  if (hosts_.size() < count) hosts_.resize(count);
  busy_.assign(hosts_.size(), false);
  ended_ = 0;
  for (size_t begun = 0; ended_ < count; advanceThoseReady()) {
    while (begun < count && begun - ended_ < static_cast<size_t>(jobs_)) begin(begun++, task);
  }
}

// A new connection's socket will tell that it can be written to; on an old one the command is sent here.
void BareFleet::begin(size_t index, const FanTask& task) {
  auto& host = hosts_[index];
  bool isNew = host == nullptr;
  if (isNew) host = std::make_unique<BareHost>(server_.loginAt(loopbackAddress(static_cast<int>(index))), key_);
  host->begin(task.command);
  busy_[index] = true;
  if (!isNew) return advance(index);
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = index}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, host->socket(), &event) != 0) test::failErrno("epoll_ctl");
}

void BareFleet::advance(size_t index) {
  if (!busy_[index] || !hosts_[index]->advance()) return;
  busy_[index] = false;
  ++ended_;
}

void BareFleet::advanceThoseReady() {
  epoll_event events[256];
  int count = epoll_wait(epoll_.get(), events, std::size(events), kLongestSilenceMs);
  throwIfInterrupted();
  if (count < 0) test::failErrno("epoll_wait");
  if (count == 0) test::fail("bare libssh2: nothing has happened for a minute");
  for (const epoll_event& event : std::span(events, static_cast<size_t>(count))) advance(event.data.u64);
}

}  // namespace cbs::bench
