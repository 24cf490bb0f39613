#include "agentd/identity/agent_client.h"

#include "agentd/core/wire.h"
#include "common/deadline.h"
#include "common/descriptors.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace cbs::identity {
namespace {

constexpr auto kListLimit = 5 * kj::SECONDS;
constexpr auto kSignLimit = 60 * kj::SECONDS;

tl::unexpected<Error> unavailable(std::string detail) {
  return fail(ErrorKind::AUTH_REFUSED, Reason::AGENT_UNAVAILABLE, std::move(detail));
}

tl::unexpected<Error> noSocket(int errorNumber) {
  if (!isShortage(errorNumber)) return unavailable(systemMessage(errorNumber));
  return fail(ErrorKind::OVERLOADED, Reason::DESCRIPTOR_LIMIT, systemMessage(errorNumber));
}

// A Unix socket connects at once or not at all.
Expected<kj::AutoCloseFd> connectTo(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return unavailable("the socket's path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  kj::AutoCloseFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return noSocket(errno);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return kj::mv(socket);
  return unavailable(errno == EAGAIN ? "it does not accept connections" : systemMessage(errno));
}

}  // namespace

Task<Expected<std::vector<AgentKey>>> AgentClient::list() {
  auto answer = co_await ask(identitiesRequest(), kListLimit);
  if (!answer) co_return fail(answer.error());
  co_return parseIdentities(*answer).map_error([this](Error error) { return named(std::move(error)); });
}

Task<Expected<std::string>> AgentClient::sign(std::string blob, std::string data, std::string algorithm) {
  auto answer = co_await ask(signRequest(blob, data, algorithm), kSignLimit);
  if (!answer) co_return fail(answer.error());
  co_return parseSignature(*answer, algorithm).map_error([this](Error error) { return named(std::move(error)); });
}

Task<Expected<std::string>> AgentClient::ask(std::string request, kj::Duration limit) {
  Error late{ErrorKind::AUTH_REFUSED, Reason::AGENT_UNAVAILABLE,
             "it did not answer within " + std::to_string(limit / kj::SECONDS) + " s"};
  auto answer = co_await within(loop_.timer, limit, std::move(late), exchange(std::move(request)));
  co_return std::move(answer).map_error([this](Error error) { return named(std::move(error)); });
}

Task<Expected<std::string>> AgentClient::exchange(std::string request) {
  auto pass = co_await turnstile_.enter();
  auto socket = connectTo(path_);
  if (!socket) co_return fail(socket.error());
  auto stream = loop_.io.wrapSocketFd(
      kj::mv(*socket), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);

  std::string failure;
  try {
    auto message = core::WireWriter().string(request).bytes();
    co_await stream->write(message.data(), message.size());
    char header[4];
    if (co_await stream->tryRead(header, 4, 4) < 4) co_return unavailable("it closed the connection");
    uint32_t length = core::WireReader({header, 4}).uint32();
    if (length == 0 || length > kMaxAgentMessage) co_return unavailable("it answered nonsense");
    std::string answer(length, '\0');
    if (co_await stream->tryRead(answer.data(), length, length) < length)
      co_return unavailable("its answer is cut short");
    co_return answer;
  } catch (const kj::Exception& broken) {
    bool gone = broken.getType() == kj::Exception::Type::DISCONNECTED;
    failure = gone ? "it closed the connection" : broken.getDescription().cStr();
  }
  co_return unavailable(failure);
}

Error AgentClient::named(Error error) const {
  if (error.detail.find(path_) == std::string::npos) error.detail = "ssh-agent at " + path_ + ": " + error.detail;
  return error;
}

}  // namespace cbs::identity
