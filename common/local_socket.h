// The Unix socket between the CLI and the daemon: what both ends check, and how the daemon puts it in its place.
//
// Each end trusts its own user and root and nobody else, by the peer's credentials and never by the path alone.
// Everything here blocks for no longer than a few system calls, but for connectLocal, which says how long.
// Errors have the kind `agentUnreachable` unless said otherwise, and carry the fact `socket`.
#pragma once

#include "common/error.h"

#include <kj/io.h>
#include <sys/types.h>

#include <string>

namespace cbs {

// The process at the other end of a connected Unix socket, as the kernel knows it. For a daemon that is whoever called
// listen(): under socket activation systemd, not the daemon.
struct LocalPeer {
  uid_t uid;
  pid_t pid;
};
Expected<LocalPeer> localPeer(int socket);

// True for our own user and for root: who may own a socket that we connect to, and who may connect to ours.
bool isTrusted(uid_t uid);

// Connects to the daemon's socket. The result is blocking and close-on-exec.
//   notRunning   nothing is there, or what is there is a remainder of a daemon that has ended: starting one helps
//   peerRefused  the socket, its folder or the process behind it belongs to somebody else, or permission is denied
//   unspecified  not a socket, a path that cannot be used, or a daemon that accepted no connection for five seconds
Expected<kj::AutoCloseFd> connectLocal(const std::string& path);

// Makes the folder of a socket (0700, with its parents) unless it is there, and checks it: it must belong to us or to
// root and must not be writable by others, unless it is sticky as /tmp is.
Expected<void> prepareSocketFolder(const std::string& socketPath);

// The right to serve a socket: a lock on `<socket>.lock`, which goes away with its holder however that ends.
//
// The file stays where it is, as removing it would let two daemons lock two files of one name.
class SocketLock {
 public:
  // Prepares the folder, too. When a daemon holds the lock: kind `usage`, reason `alreadyExists`, and the fact `pid`
  // unless that daemon is so new that it has not written it yet.
  static Expected<SocketLock> take(const std::string& socketPath);

  const std::string& socketPath() const { return socketPath_; }

 private:
  SocketLock(std::string socketPath, kj::AutoCloseFd file) : socketPath_(std::move(socketPath)), file_(kj::mv(file)) {}
  std::string socketPath_;
  kj::AutoCloseFd file_;
};

// A socket that listens at the lock's path, mode 0600.
//
// It is bound under a temporary name and moved into place once it listens, over whatever a dead daemon left there, so
// that nobody ever meets a socket that refuses. Its end removes the name, unless another socket has taken it.
class LocalListener {
 public:
  static Expected<LocalListener> open(const SocketLock& lock);
  LocalListener(LocalListener&&) = default;
  ~LocalListener() noexcept(false);

  // Listening, non-blocking and close-on-exec. Who is accepted from it is to be checked with localPeer and isTrusted.
  int fd() const { return socket_; }

 private:
  LocalListener(std::string path, kj::AutoCloseFd socket, ino_t inode)
      : path_(std::move(path)), socket_(kj::mv(socket)), inode_(inode) {}
  std::string path_;
  kj::AutoCloseFd socket_;
  ino_t inode_;
};

}  // namespace cbs
