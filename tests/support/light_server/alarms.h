// Which connections of the light server have something to do later.
#pragma once

#include <chrono>
#include <map>
#include <vector>

namespace cbs::light {

class Alarms {
 public:
  using Clock = std::chrono::steady_clock;

  void set(Clock::time_point when, int socket) { sockets_.emplace(when, socket); }

  // Milliseconds until the next one, as epoll_wait takes it: -1 if there is none.
  int millisecondsToNext() const {
    if (sockets_.empty()) return -1;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(sockets_.begin()->first - Clock::now());
    return left.count() < 0 ? 0 : static_cast<int>(left.count());
  }

  // Those whose time has come, each once. A socket may have been closed, or be another connection's, since.
  std::vector<int> takeDue() {
    auto end = sockets_.upper_bound(Clock::now());
    std::vector<int> due;
    for (auto alarm = sockets_.begin(); alarm != end; ++alarm) due.push_back(alarm->second);
    sockets_.erase(sockets_.begin(), end);
    return due;
  }

 private:
  std::multimap<Clock::time_point, int> sockets_;
};

}  // namespace cbs::light
