// What carries a connection that is no TCP connection of our own: a jump host's channel, or a ProxyCommand.
#pragma once

#include "common/error.h"

#include <kj/async.h>
#include <kj/function.h>
#include <kj/io.h>

#include <string>

namespace cbs::ssh {

class Carrier {
 public:
  virtual ~Carrier() noexcept(false) = default;
  KJ_DISALLOW_COPY(Carrier);

  // Resolves when it carries no more: with what happened to it, or with "" if the peer has closed the connection, which
  // the connection itself notices.
  kj::Promise<std::string> whenEnded() { return ended_.addBranch(); }

 protected:
  Carrier();
  // The first call counts.
  void end(std::string reason);

 private:
  kj::Own<kj::PromiseFulfiller<std::string>> fulfiller_;
  kj::ForkedPromise<std::string> ended_;
};

// Two ends of a local connection, closed on exec. A session takes `ours`, which does not block; `theirs` does.
struct SocketPair {
  kj::AutoCloseFd ours;
  kj::AutoCloseFd theirs;
};
Expected<SocketPair> openSocketPair();

}  // namespace cbs::ssh
