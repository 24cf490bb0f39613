// A long way between a client and a server.
#pragma once

#include "tests/support/unique_fd.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace cbs::test {

// Passes TCP connections on, each byte a fixed time after it came, in both directions, at any rate. At most 64 MiB are
// under way in a direction of a connection; then the sender has to wait. An end of data and a lost connection are
// passed on after the same time. It runs in a thread of its own.
class DelayingProxy {
 public:
  // Listens on a free port of 127.0.0.1. A round trip takes 2 × `delay` longer than without it.
  DelayingProxy(const std::string& address, uint16_t port, std::chrono::microseconds delay);
  // Cuts all connections.
  ~DelayingProxy();

  uint16_t port() const;

 private:
  UniqueFd listener_;
  UniqueFd stop_;  // an eventfd
  std::thread thread_;
};

}  // namespace cbs::test
