#include "tests/support/bad_server.h"

#include "tests/support/child_process.h"
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace cbs::test {
namespace {

constexpr std::string_view kBanner = "SSH-2.0-Bad_1.0\r\n";

int backlogFor(BadServer::Manner manner) {
  if (manner == BadServer::Manner::kRefuses) return -1;
  if (manner == BadServer::Manner::kNeverAnswers) return 0;
  return 100;
}

void appendNumber(std::string& bytes, uint32_t number) {
  uint32_t network = htonl(number);
  bytes.append(reinterpret_cast<const char*>(&network), sizeof(network));
}

// SSH_MSG_KEXINIT with common algorithms (RFC 4253 §7.1), unencrypted, as a binary packet (§6).
std::string kexInit() {
  constexpr std::array<std::string_view, 10> kLists = {
      "curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256",
      "hmac-sha2-256",     "none",        "none",       "",           ""};
  std::string payload = "\x14" + std::string(16, 'c');
  for (std::string_view list : kLists) {
    appendNumber(payload, static_cast<uint32_t>(list.size()));
    payload += list;
  }
  payload += std::string(5, '\0');  // no guessed packet follows; reserved
  size_t padding = 8 - (payload.size() + 5) % 8;
  if (padding < 4) padding += 8;
  std::string packet;
  appendNumber(packet, static_cast<uint32_t>(payload.size() + padding + 1));
  return packet + static_cast<char>(padding) + payload + std::string(padding, '\0');
}

// Ends the server's half and waits until the client has left, so that what was sent arrives before the end does.
void closeGently(UniqueFd connection) {
  shutdown(connection.get(), SHUT_WR);
  char ignored[1024];
  while (waitReadable(connection.get(), milliseconds(1000)) && read(connection.get(), ignored, sizeof(ignored)) > 0) {
  }
}

void sendAll(const UniqueFd& connection, std::string_view bytes) {
  send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

BadServer::BadServer(Manner manner)
    : manner_(manner), listener_(boundSocket(backlogFor(manner))), port_(portOf(listener_.get())) {
  if (manner == Manner::kRefuses) return;
  if (manner == Manner::kNeverAnswers) {
    // With a backlog of 0 the kernel keeps one connection that nobody accepts, and drops what comes after it.
    kept_.push_back(connectTo("127.0.0.1", port_));
    return;
  }
  Pipe end = makePipe();
  endRead_ = std::move(end.read);
  endWrite_ = std::move(end.write);
  thread_ = std::thread([this]() { serve(); });
}

BadServer::~BadServer() {
  endWrite_.close();
  if (thread_.joinable()) thread_.join();
}

void BadServer::serve() {
  for (;;) {
    pollfd entries[] = {{listener_.get(), POLLIN, 0}, {endRead_.get(), POLLIN, 0}};
    poll(entries, 2, -1);
    if (entries[1].revents != 0) return;
    UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.open()) treat(std::move(connection));
  }
}

void BadServer::treat(UniqueFd connection) {
  switch (manner_) {
    case Manner::kSendsGarbage:
      sendAll(connection, std::string(2000, '\xf7') + "\n" + std::string(2000, '\x01') + "\n");
      return closeGently(std::move(connection));
    case Manner::kClosesAfterBanner:
      sendAll(connection, kBanner);
      return closeGently(std::move(connection));
    case Manner::kClosesAfterKexInit:
      sendAll(connection, std::string(kBanner) + kexInit());
      return closeGently(std::move(connection));
    case Manner::kSilentAfterBanner:
      sendAll(connection, kBanner);
      [[fallthrough]];
    case Manner::kStaysSilent:
      kept_.push_back(std::move(connection));
      return;
    case Manner::kClosesAtOnce:
    case Manner::kRefuses:
    case Manner::kNeverAnswers:
      return;
  }
}

}  // namespace cbs::test
