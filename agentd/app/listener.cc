#include "agentd/app/listener.h"

#include "agentd/app/service_manager.h"

namespace cbs::app {

Expected<Listener> Listener::open(const SocketLock& lock) {
  auto given = activatedSocket();
  KJ_IF_MAYBE (socket, given) {
    return Listener(kj::mv(*socket));
  }
  auto own = LocalListener::open(lock);
  if (!own) return fail(std::move(own.error()));
  return Listener(kj::mv(*own));
}

}  // namespace cbs::app
