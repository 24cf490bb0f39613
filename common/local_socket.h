// The Unix socket between the CLI and the daemon: what both ends check, and how the daemon puts it in its place.
//
// Each end trusts its own user and root, by the peer's credentials and never by the path alone. Beyond that a caller
// trusts whom root lets serve at the path (socket_folder.h), and a daemon whom its configuration names (rpc/access.h).
// Everything here blocks for no longer than a few system calls, but for connectLocal, which says how long.
// Errors have the kind `agentUnreachable` unless said otherwise, and carry the fact `socket`.
#pragma once

#include "common/error.h"
#include "common/socket_folder.h"

#include <kj/io.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace cbs {

// The process at the other end of a connected Unix socket, as the kernel knows it. For a daemon that is whoever called
// listen(): under socket activation systemd, not the daemon.
struct LocalPeer {
  uid_t uid;
  pid_t pid;
  gid_t gid = static_cast<gid_t>(-1);
};
Expected<LocalPeer> localPeer(int socket);

// The groups of a process at the other end, as they were when it connected: its own and the supplementary ones.
Expected<std::vector<gid_t>> peerGroups(int socket, const LocalPeer& peer);

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
  // Goes on with a lock that another process has taken and passed on: it is held as long as one of the two has it.
  static SocketLock inherit(const std::string& socketPath, kj::AutoCloseFd file) {
    return SocketLock(socketPath, kj::mv(file));
  }
  // Notes down that this process is the holder.
  Expected<void> sign();

  int fd() const { return file_; }

  const std::string& socketPath() const { return socketPath_; }

 private:
  SocketLock(std::string socketPath, kj::AutoCloseFd file) : socketPath_(std::move(socketPath)), file_(kj::mv(file)) {}
  std::string socketPath_;
  kj::AutoCloseFd file_;
};

// A socket that listens at the lock's path.
//
// It is bound under a temporary name and moved into place once it listens, over whatever a dead daemon left there, so
// that nobody ever meets a socket that refuses. Its end removes the name, unless another socket has taken it.
class LocalListener {
 public:
  // `mode` says who can connect; whom to serve is up to whoever accepts.
  static Expected<LocalListener> open(const SocketLock& lock, mode_t mode = 0600);
  // Goes on with one that another process has opened and passed on. From now on `mode` holds.
  static LocalListener inherit(const SocketLock& lock, kj::AutoCloseFd socket, mode_t mode = 0600);
  // Leaves the name to another process, which has the socket as well.
  void leaveName() { inode_ = 0; }
  LocalListener(LocalListener&&) = default;
  ~LocalListener() noexcept(false);

  // Listening, non-blocking and close-on-exec. Who is accepted from it is to be checked with localPeer.
  int fd() const { return socket_; }

 private:
  LocalListener(std::string path, kj::AutoCloseFd socket, ino_t inode)
      : path_(std::move(path)), socket_(kj::mv(socket)), inode_(inode) {}
  std::string path_;
  kj::AutoCloseFd socket_;
  ino_t inode_;
};

}  // namespace cbs
