// The socket that callers connect to, and the right to serve it.
#pragma once

#include "common/error.h"
#include "common/local_socket.h"

#include <optional>

namespace cbs::app {

// One that systemd listens at for us, if it does, else our own at the lock's path, which goes with the object.
class Listener {
 public:
  // `forGroups`: others than its owner may connect to one of our own.
  static Expected<Listener> open(const SocketLock& lock, bool forGroups);
  // Goes on with one that an earlier daemon had. `isOwn`: it is not systemd's.
  static Listener inherit(const SocketLock& lock, kj::AutoCloseFd socket, bool isOwn, bool forGroups);

  int fd() const { return own_ ? own_->fd() : given_.get(); }
  bool isOwn() const { return own_.has_value(); }
  // Leaves the socket's name to another daemon, which has the socket as well.
  void leaveName() {
    if (own_) own_->leaveName();
  }

 private:
  explicit Listener(kj::AutoCloseFd given) : given_(kj::mv(given)) {}
  explicit Listener(LocalListener own) : own_(kj::mv(own)) {}

  kj::AutoCloseFd given_;
  std::optional<LocalListener> own_;
};

struct Post {
  SocketLock lock;
  Listener listener;
};

}  // namespace cbs::app
