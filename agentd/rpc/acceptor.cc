#include "agentd/rpc/acceptor.h"

#include "agentd/telemetry/log.h"

#include <sys/socket.h>

#include <bit>
#include <cerrno>

namespace cbs::rpc {
namespace {

const telemetry::Log kGateLog(telemetry::Category::CALLERS);

constexpr auto kShortagePause = 100 * kj::MILLISECONDS;  // out of descriptors or memory: others may give some back
constexpr unsigned kAcceptedAtOnce = 16;                 // then others get their turn: one costs about 20 µs

}  // namespace

Acceptor::Acceptor(Loop loop, int listener, Access& access, Callers& callers)
    : timer_(loop.timer),
      listener_(listener),
      access_(access),
      callers_(callers),
      readable_(loop.port, listener, kj::UnixEventPort::FdObserver::OBSERVE_READ),
      accepting_(run().promise().eagerlyEvaluate([](kj::Exception&& exception) {
        kGateLog.error("accepting callers has failed", {{"detail", exception.getDescription().cStr()}});
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
      co_await admit(kj::mv(socket));
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
  kGateLog.debug("no caller can be accepted now", {{"detail", systemMessage(error)}});
  co_await timer_.afterDelay(kShortagePause);
}

Task<void> Acceptor::admit(kj::AutoCloseFd socket) {
  auto peer = localPeer(socket);
  if (!peer) co_return;
  auto caller = callerOf(*peer);
  if (!isTrusted(peer->uid)) {
    auto groups = peerGroups(socket, *peer);
    if (groups) caller.groups = kj::mv(*groups);
    co_await access_.whenKnown();
  }
  Role role = access_.roleOf(caller);
  if (role == Role::NOBODY) noteStranger(*peer);
  if (role == Role::NOBODY && !access_.isOpenToGroups()) co_return;
  callers_.welcome(kj::mv(socket), kj::mv(caller), role);
}

// Says it for the first, second, fourth, eighth … stranger: one who comes again and again must not fill the log.
void Acceptor::noteStranger(const LocalPeer& stranger) {
  if (std::has_single_bit(++strangers_)) {
    kGateLog.warn("sent away a process of another user",
                  {{"uid", stranger.uid}, {"pid", stranger.pid}, {"so_far", strangers_}});
  }
}

}  // namespace cbs::rpc
