// The socket at which metrics and health are served.
#pragma once

#include "agentd/http/listen_address.h"

#include <kj/io.h>
#include <sys/types.h>

namespace cbs::http {

// Listening, non-blocking and close-on-exec. A path is for the owner and the group (0660); it goes with the object,
// unless another socket has taken it. Opening takes a few system calls and never waits.
class ListeningSocket {
 public:
  // A path takes the place of a socket at which nobody listens any more, and of nothing else. Its folder has to be
  // there.
  static Expected<ListeningSocket> open(const ListenAddress& address);
  ListeningSocket(ListeningSocket&&) = default;
  ~ListeningSocket() noexcept(false);

  int fd() const { return socket_; }

 private:
  ListeningSocket(kj::AutoCloseFd socket, std::string path, ino_t inode)
      : socket_(kj::mv(socket)), path_(std::move(path)), inode_(inode) {}
  static Expected<ListeningSocket> openPort(const ListenAddress& address);
  static Expected<ListeningSocket> openPath(const std::string& path);

  kj::AutoCloseFd socket_;
  std::string path_;
  ino_t inode_;
};

}  // namespace cbs::http
