// A wire that can go dead.
#pragma once

#include "tests/support/unique_fd.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace cbs::test {

// Forwards every connection to a port of 127.0.0.1 to another address, until it is told otherwise. Ends with the
// object.
class TcpProxy {
 public:
  TcpProxy(std::string address, uint16_t port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  uint16_t port() const { return port_; }

  // Nothing passes any more, while every connection stays: a host that lost its power.
  void stall();
  void resume();
  // Breaks every connection with a reset; new ones are forwarded.
  void cut();

 private:
  struct Route {
    UniqueFd client;
    UniqueFd server;
  };

  void serve();
  void acceptOne();
  void forward();
  void closeAll();
  void wake();

  std::string address_;
  uint16_t targetPort_;
  UniqueFd listener_;
  uint16_t port_;
  UniqueFd wakeUp_;  // an eventfd
  std::list<Route> routes_;
  std::atomic<bool> stalled_ = false;
  std::atomic<bool> cutWanted_ = false;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace cbs::test
