// The socket that callers connect to.
#pragma once

#include "common/error.h"
#include "common/local_socket.h"

#include <optional>

namespace cbs::app {

// One that systemd listens at for us, if it does, else our own at the lock's path, which goes with the object.
class Listener {
 public:
  static Expected<Listener> open(const SocketLock& lock);

  int fd() const { return own_ ? own_->fd() : given_.get(); }

 private:
  explicit Listener(kj::AutoCloseFd given) : given_(kj::mv(given)) {}
  explicit Listener(LocalListener own) : own_(kj::mv(own)) {}

  kj::AutoCloseFd given_;
  std::optional<LocalListener> own_;
};

}  // namespace cbs::app
