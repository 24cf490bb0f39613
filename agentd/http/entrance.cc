#include "agentd/http/entrance.h"

#include "agentd/telemetry/log.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace cbs::http {
namespace {

constexpr auto kFirstPause = 1 * kj::SECONDS;
constexpr auto kLongestPause = 30 * kj::SECONDS;
constexpr auto kShortagePause = 100 * kj::MILLISECONDS;  // out of descriptors or memory: others may give some back

constexpr kj::uint kFlags =
    kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK;

bool isNobody(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Entrance::Entrance(Loop loop, std::string address, schema::Agent::Client agent, const Config::Metrics& metrics)
    : loop_(loop),
      address_(std::move(address)),
      pages_(loop.timer, kj::mv(agent), metrics, traffic_),
      house_{loop.timer, pages_, traffic_, headers_},
      guests_(house_),
      running_(run().promise().eagerlyEvaluate([](kj::Exception&& exception) {
        telemetry::log(telemetry::Category::HTTP)
            .error("metrics and health are served no longer", {{"detail", exception.getDescription().cStr()}});
      })) {}

Task<void> Entrance::run() {
  auto address = parseListenAddress(address_);
  if (!address) {
    noteFault(address.error());
    co_return;
  }
  house_.checkHost = address->loopback;
  co_await listen(*address);
}

Task<void> Entrance::listen(ListenAddress address) {
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    auto socket = ListeningSocket::open(address);
    if (socket) {
      fault_.clear();
      telemetry::log(telemetry::Category::HTTP).info("serving metrics and health", {{"address", address_}});
      noteFault(co_await acceptUntilItFails(socket->fd()));
    } else {
      noteFault(socket.error());
    }
    co_await loop_.timer.afterDelay(pause);
  }
}

Task<Error> Entrance::acceptUntilItFails(int socket) {
  std::string why;
  try {
    co_await accept(socket);
  } catch (const kj::Exception& exception) {
    why = exception.getDescription().cStr();
  }
  co_return Error{ErrorKind::INTERNAL, Reason::LOCAL_IO, why};
}

// Says it once: an address may be taken for good.
void Entrance::noteFault(const Error& error) {
  if (fault_.empty())
    telemetry::log(telemetry::Category::HTTP)
        .warn("no metrics and health", {{"address", address_}, {"detail", error.detail}});
  fault_ = address_ + ": " + error.detail;
}

Task<void> Entrance::accept(int socket) {
  kj::UnixEventPort::FdObserver readable(loop_.port, socket, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  for (;;) {
    co_await acceptWhatIsThere(socket);
    co_await readable.whenBecomesReadable();
  }
}

// Readiness is told once per arrival, so it goes on until the kernel has no more. After each, others get their turn.
Task<void> Entrance::acceptWhatIsThere(int socket) {
  for (;;) {
    kj::AutoCloseFd accepted(accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    int error = errno;
    if (accepted != nullptr) {
      co_await guests_.whenRoom();
      guests_.welcome(loop_.io.wrapSocketFd(kj::mv(accepted), kFlags));
      co_await loop_.timer.afterDelay(0 * kj::SECONDS);
    } else if (isNobody(error)) {
      co_return;
    } else if (error != EINTR && error != ECONNABORTED) {
      telemetry::log(telemetry::Category::HTTP).debug("nobody can be accepted now", {{"detail", systemMessage(error)}});
      co_await loop_.timer.afterDelay(kShortagePause);
    }
  }
}

}  // namespace cbs::http
