#include "tests/support/ports.h"

#include "tests/support/failure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

namespace cbs::test {
namespace {

sockaddr_in socketAddress(const std::string& address, uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1) fail("not an IPv4 address: " + address);
  return result;
}

UniqueFd bindTo(const std::string& address) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto where = socketAddress(address, 0);
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0) failErrno("bind " + address);
  return socket;
}

}  // namespace

uint16_t freePort(const std::string& address) { return portOf(bindTo(address).get()); }

UniqueFd boundSocket(int backlog) {
  UniqueFd socket = bindTo("127.0.0.1");
  if (backlog >= 0 && listen(socket.get(), backlog) != 0) failErrno("listen");
  return socket;
}

uint16_t portOf(int socket) {
  sockaddr_in where{};
  socklen_t size = sizeof(where);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&where), &size) != 0) failErrno("getsockname");
  return ntohs(where.sin_port);
}

UniqueFd connectTo(const std::string& address, uint16_t port, milliseconds deadline) {
  auto where = socketAddress(address, port);
  auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0) return socket;
    if (std::chrono::steady_clock::now() > end) failErrno("connect to " + address + ":" + std::to_string(port));
    std::this_thread::sleep_for(milliseconds(2));
  }
}

}  // namespace cbs::test
