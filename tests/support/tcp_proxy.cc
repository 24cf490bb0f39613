#include "tests/support/tcp_proxy.h"

#include "tests/support/ports.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <vector>

namespace cbs::test {
namespace {

// Moves what there is; false at the end of either side. Writing may block: a test's servers read.
bool moveBytes(const UniqueFd& from, const UniqueFd& to) {
  char buffer[65536];
  ssize_t size = read(from.get(), buffer, sizeof(buffer));
  if (size <= 0) return false;
  for (ssize_t sent = 0; sent < size;) {
    ssize_t now = send(to.get(), buffer + sent, static_cast<size_t>(size - sent), MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += now;
  }
  return true;
}

// With no time to linger, close() sends a reset.
void resetOnClose(const UniqueFd& socket) {
  linger none{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

}  // namespace

TcpProxy::TcpProxy(std::string address, uint16_t port)
    : address_(std::move(address)),
      targetPort_(port),
      listener_(boundSocket(1000)),
      port_(portOf(listener_.get())),
      wakeUp_(eventfd(0, EFD_CLOEXEC)),
      thread_([this]() { serve(); }) {}

TcpProxy::~TcpProxy() {
  ending_ = true;
  wake();
  thread_.join();
}

void TcpProxy::stall() {
  stalled_ = true;
  wake();
}

void TcpProxy::resume() {
  stalled_ = false;
  wake();
}

void TcpProxy::cut() {
  cutWanted_ = true;
  wake();
}

void TcpProxy::wake() { eventfd_write(wakeUp_.get(), 1); }

void TcpProxy::serve() {
  while (!ending_) {
    forward();
    if (cutWanted_.exchange(false)) closeAll();
  }
}

void TcpProxy::forward() {
  std::vector<pollfd> entries = {{wakeUp_.get(), POLLIN, 0}};
  if (!stalled_) {
    entries.push_back({listener_.get(), POLLIN, 0});
    for (const Route& route : routes_) {
      entries.push_back({route.client.get(), POLLIN, 0});
      entries.push_back({route.server.get(), POLLIN, 0});
    }
  }
  poll(entries.data(), entries.size(), -1);
  if (entries[0].revents != 0) {
    eventfd_t ignored;
    eventfd_read(wakeUp_.get(), &ignored);
    return;  // what was asked for comes first
  }
  size_t next = 2;
  for (auto route = routes_.begin(); route != routes_.end(); next += 2) {
    bool open = (entries[next].revents == 0 || moveBytes(route->client, route->server)) &&
                (entries[next + 1].revents == 0 || moveBytes(route->server, route->client));
    route = open ? std::next(route) : routes_.erase(route);
  }
  if (entries[1].revents != 0) acceptOne();
}

void TcpProxy::acceptOne() {
  UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (client.open()) routes_.push_back({std::move(client), connectTo(address_, targetPort_)});
}

void TcpProxy::closeAll() {
  for (const Route& route : routes_) {
    resetOnClose(route.client);
    resetOnClose(route.server);
  }
  routes_.clear();
}

}  // namespace cbs::test
