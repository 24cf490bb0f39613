#include "agentd/rpc/acceptor.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <bit>
#include <cerrno>

namespace cbs::rpc {
namespace {

constexpr auto kShortagePause = 100 * kj::MILLISECONDS;  // out of descriptors or memory: others may give some back
constexpr unsigned kAcceptedAtOnce = 16;                 // then others get their turn: one costs about 20 µs

}  // namespace

Acceptor::Acceptor(Loop loop, int listener, Callers& callers)
    : timer_(loop.timer),
      listener_(listener),
      callers_(callers),
      readable_(loop.port, listener, kj::UnixEventPort::FdObserver::OBSERVE_READ),
      accepting_(run().promise().eagerlyEvaluate([](kj::Exception&& exception) {
        spdlog::critical("accepting callers has failed: {}", exception.getDescription().cStr());
      })) {}

Task<void> Acceptor::run() {
  for (;;) {
    co_await acceptWhatIsThere();
    co_await readable_.whenBecomesReadable();
  }
}

// Readiness is told once per arrival, so it goes on until the kernel has no more.
Task<void> Acceptor::acceptWhatIsThere() {
  for (unsigned accepted = 1;; ++accepted) {
    co_await callers_.whenRoom();
    kj::AutoCloseFd socket(accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    int error = errno;
    if (socket != nullptr) {
      admit(kj::mv(socket));
      if (accepted % kAcceptedAtOnce == 0) co_await timer_.afterDelay(0 * kj::SECONDS);
    } else if (error == EAGAIN || error == EWOULDBLOCK) {
      co_return;
    } else {
      co_await waitOut(error);
    }
  }
}

Task<void> Acceptor::waitOut(int error) {
  if (error == EINTR || error == ECONNABORTED) co_return;
  spdlog::debug("no caller can be accepted now: {}", systemMessage(error));
  co_await timer_.afterDelay(kShortagePause);
}

void Acceptor::admit(kj::AutoCloseFd socket) {
  auto peer = localPeer(socket);
  if (!peer) return;
  if (isTrusted(peer->uid)) return callers_.welcome(kj::mv(socket), callerOf(*peer));
  noteStranger(*peer);
}

// Says it for the first, second, fourth, eighth … stranger: one who comes again and again must not fill the log.
void Acceptor::noteStranger(const LocalPeer& stranger) {
  if (std::has_single_bit(++strangers_)) {
    spdlog::warn("sent away a process of another user (uid {}, pid {}); strangers so far: {}", stranger.uid,
                 stranger.pid, strangers_);
  }
}

}  // namespace cbs::rpc
