#include "agentd/app/listener.h"

#include "agentd/app/service_manager.h"

namespace cbs::app {
namespace {

mode_t modeOf(bool forGroups) { return forGroups ? 0666 : 0600; }

}  // namespace

Expected<Listener> Listener::open(const SocketLock& lock, bool forGroups) {
  auto given = activatedSocket();
  KJ_IF_MAYBE (socket, given) {
    return Listener(kj::mv(*socket));
  }
  auto own = LocalListener::open(lock, modeOf(forGroups));
  if (!own) return fail(std::move(own.error()));
  return Listener(kj::mv(*own));
}

Listener Listener::inherit(const SocketLock& lock, kj::AutoCloseFd socket, bool isOwn, bool forGroups) {
  if (!isOwn) return Listener(kj::mv(socket));
  return Listener(LocalListener::inherit(lock, kj::mv(socket), modeOf(forGroups)));
}

}  // namespace cbs::app
