#include "agentd/ssh/carrier.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace cbs::ssh {

Carrier::Carrier() : ended_(nullptr) {
  auto pair = kj::newPromiseAndFulfiller<std::string>();
  fulfiller_ = kj::mv(pair.fulfiller);
  ended_ = pair.promise.fork();
}

void Carrier::end(std::string reason) { fulfiller_->fulfill(std::move(reason)); }

Expected<SocketPair> openSocketPair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(ErrorKind::OVERLOADED, Reason::DESCRIPTOR_LIMIT, "cannot make a socket pair: " + systemMessage(errno));
  }
  SocketPair pair{kj::AutoCloseFd(ends[0]), kj::AutoCloseFd(ends[1])};
  fcntl(pair.ours, F_SETFL, O_NONBLOCK);
  return pair;
}

}  // namespace cbs::ssh
