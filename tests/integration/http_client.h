// Asks over HTTP, as curl does.
#pragma once

#include "tests/support/failure.h"
#include "tests/support/ports.h"
#include "tests/support/private_agent.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

namespace cbs::test {

struct HttpAnswer {
  unsigned status = 0;
  std::string head;
  std::string body;
};

inline std::string readToEnd(const UniqueFd& socket) {
  std::string text;
  char buffer[16 * 1024];
  while (waitReadable(socket.get(), kSoon)) {
    ssize_t count = recv(socket.get(), buffer, sizeof(buffer), 0);
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
  fail("no answer in time");
}

inline HttpAnswer askOver(const UniqueFd& socket, const std::string& path, const std::string& host = "localhost",
                          const std::string& method = "GET") {
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) failErrno("send");
  auto text = readToEnd(socket);
  auto end = text.find("\r\n\r\n");
  if (end == text.npos || !text.starts_with("HTTP/1.1 ")) fail("no answer of HTTP: " + text);
  return {static_cast<unsigned>(std::stoul(text.substr(9, 3))), text.substr(0, end), text.substr(end + 4)};
}

inline HttpAnswer get(uint16_t port, const std::string& path, const std::string& host = "localhost") {
  return askOver(connectTo("127.0.0.1", port), path, host);
}

inline HttpAnswer get(const std::string& socketPath, const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, socketPath.c_str(), sizeof(address.sun_path) - 1);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0) failErrno(socketPath);
  return askOver(socket, path);
}

inline HttpAnswer head(uint16_t port, const std::string& path) {
  return askOver(connectTo("127.0.0.1", port), path, "localhost", "HEAD");
}

inline AgentSettings servingAt(uint16_t port) {
  return {.http = "listen = \"127.0.0.1:" + std::to_string(port) + "\""};
}

// The value of a metric, as it stands in the text; "" if it is not there.
inline std::string valueOf(const std::string& metrics, const std::string& series) {
  auto at = metrics.find("\n" + series + " ");
  if (at == metrics.npos) return {};
  auto begin = at + series.size() + 2;
  return metrics.substr(begin, metrics.find('\n', begin) - begin);
}

}  // namespace cbs::test
