#include "tests/support/fake_agent.h"

#include "tests/support/child_process.h"
#include "tests/support/failure.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace cbs::test {
namespace {

constexpr char kSignRequest = 13;  // SSH_AGENTC_SIGN_REQUEST
constexpr char kFailure = 5;       // SSH_AGENT_FAILURE

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) fail("too long for a socket: " + path);
  path.copy(address.sun_path, path.size());
  return address;
}

UniqueFd localSocket() { return UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

std::string framed(const std::string& message) {
  uint32_t length = htonl(static_cast<uint32_t>(message.size()));
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + message;
}

// Reads `size` bytes; fewer if the peer has gone.
std::string readBytes(const UniqueFd& from, size_t size) {
  std::string bytes(size, '\0');
  ssize_t count = recv(from.get(), bytes.data(), size, MSG_WAITALL);
  bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return bytes;
}

// A message without its length; "" if the peer has gone.
std::string readMessage(const UniqueFd& from) {
  std::string header = readBytes(from, sizeof(uint32_t));
  if (header.size() < sizeof(uint32_t)) return "";
  uint32_t length = 0;
  header.copy(reinterpret_cast<char*>(&length), sizeof(length));
  return readBytes(from, ntohl(length));
}

bool sendAll(const UniqueFd& to, std::string_view bytes) {
  return send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::string askedOf(const std::string& agent, const std::string& request) {
  UniqueFd socket = localSocket();
  sockaddr_un address = addressOf(agent);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return {kFailure};
  sendAll(socket, framed(request));
  return readMessage(socket);
}

// The bytes of a public key file's line.
std::string blobOf(std::string_view line) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  size_t begin = line.find(' ') + 1;
  for (char c : line.substr(begin, line.find_first_of(" \n", begin) - begin)) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (c == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(kDigits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

}  // namespace

FakeAgent::FakeAgent(Manner manner, std::string realAgent, std::string_view held)
    : path_(folder_.path("agent.sock")),
      manner_(manner),
      realAgent_(std::move(realAgent)),
      held_(held.empty() ? "" : blobOf(held)),
      listener_(localSocket()) {
  sockaddr_un address = addressOf(path_);
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) failErrno("bind " + path_);
  if (::listen(listener_.get(), 100) != 0) failErrno("listen");
  Pipe end = makePipe();
  endRead_ = std::move(end.read);
  endWrite_ = std::move(end.write);
  listening_ = std::thread([this]() { listen(); });
}

FakeAgent::~FakeAgent() {
  release();
  endWrite_.close();
  listening_.join();
}

void FakeAgent::awaitHeldRequest() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kSoon, [this]() { return heldRequested_; })) fail("nobody asked for a signature");
}

void FakeAgent::release() {
  std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

void FakeAgent::waitForRelease() {
  std::unique_lock lock(mutex_);
  heldRequested_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this]() { return released_; });
}

void FakeAgent::listen() {
  for (;;) {
    pollfd entries[] = {{listener_.get(), POLLIN, 0}, {endRead_.get(), POLLIN, 0}};
    poll(entries, 2, -1);
    if (entries[1].revents != 0) break;
    int connection = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    serving_.emplace_back([this, connection]() { serve(UniqueFd(connection)); });
  }
  for (std::thread& thread : serving_) thread.join();
}

void FakeAgent::serve(UniqueFd connection) {
  if (manner_ == Manner::kClosesAtOnce) return;
  for (;;) {
    pollfd entries[] = {{connection.get(), POLLIN, 0}, {endRead_.get(), POLLIN, 0}};
    poll(entries, 2, -1);
    if (entries[1].revents != 0) return;
    std::string request = readMessage(connection);
    if (request.empty() || !answer(connection, request)) return;
  }
}

// Gives whether the connection goes on.
bool FakeAgent::answer(const UniqueFd& connection, const std::string& request) {
  switch (manner_) {
    case Manner::kHangs:
      return true;
    case Manner::kClosesAtOnce:
    case Manner::kDiesInRequest:
      return false;
    case Manner::kDiesInAnswer: {
      std::string whole = framed(askedOf(realAgent_, request));
      sendAll(connection, std::string_view(whole).substr(0, whole.size() / 2));
      return false;
    }
    case Manner::kSendsGarbage:
      return sendAll(connection, framed("\xf7\x01garbage"));
    case Manner::kSendsHugeLength:
      return sendAll(connection, "\xff\xff\xff\xff\x0c");
    case Manner::kWillNotSign:
      return sendAll(connection,
                     framed(request[0] == kSignRequest ? std::string{kFailure} : askedOf(realAgent_, request)));
    case Manner::kHoldsSignature:
      if (wantsHeldSignature(request)) waitForRelease();
      return sendAll(connection, framed(askedOf(realAgent_, request)));
  }
  return false;
}

bool FakeAgent::wantsHeldSignature(const std::string& request) const {
  return request[0] == kSignRequest && request.compare(1, held_.size() + sizeof(uint32_t), framed(held_)) == 0;
}

}  // namespace cbs::test
