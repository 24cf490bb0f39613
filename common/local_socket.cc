#include "common/local_socket.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cbs {
namespace {

constexpr time_t kConnectSeconds = 5;  // a daemon that accepts nobody for so long is stuck

std::string ownedBy(const std::string& what, uid_t uid) { return what + " belongs to uid " + std::to_string(uid); }

// The address of `name` in a folder. A path that is too long for an address is reached through the open folder.
Expected<sockaddr_un> addressOf(const std::string& path, int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string text = path;
  if (text.size() >= sizeof(address.sun_path)) text = "/proc/self/fd/" + std::to_string(folder) + "/" + nameIn(path);
  if (text.size() >= sizeof(address.sun_path))
    return refuseSocket(Reason::UNSPECIFIED, path, "the socket's name is too long");
  if (nameIn(path).empty()) return refuseSocket(Reason::UNSPECIFIED, path, "the socket's path names a folder");
  memcpy(address.sun_path, text.c_str(), text.size() + 1);
  return address;
}

// Why connect() failed, in terms of what is at the path.
tl::unexpected<Error> explainConnect(const std::string& path, int folder, int error) {
  struct stat info;
  if (error == EAGAIN) return refuseSocket(Reason::UNSPECIFIED, path, "it accepts no connections");
  if (error != ECONNREFUSED) return refuseSocketErrno(path, "connect", error);
  if (fstatat(folder, nameIn(path).c_str(), &info, 0) == 0 && !S_ISSOCK(info.st_mode)) {
    return refuseSocket(Reason::UNSPECIFIED, path, path + " is not a socket");
  }
  return refuseSocket(Reason::NOT_RUNNING, path, "the daemon that made the socket has ended");
}

kj::AutoCloseFd newSocket(int flags) { return kj::AutoCloseFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)); }

// Waits for a place in the accept queue at most so long; 0 takes the limit off again.
void limitWait(int socket, time_t seconds) {
  timeval limit{seconds, 0};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

// The text of a lock file is the pid of its holder; one that is no process is that of an earlier holder.
Error alreadyRunning(int file, const std::string& socketPath) {
  char text[32] = {};
  ssize_t length = pread(file, text, sizeof(text) - 1, 0);
  pid_t pid = length > 0 ? static_cast<pid_t>(strtol(text, nullptr, 10)) : 0;
  bool known = pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
  Error error{ErrorKind::USAGE, Reason::ALREADY_EXISTS, "already running", {{"socket", socketPath}}};
  if (known) error.facts.push_back({"pid", std::to_string(pid)});
  return error;
}

}  // namespace

Expected<LocalPeer> localPeer(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
    return fail(ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, "SO_PEERCRED: " + systemMessage(errno));
  }
  return LocalPeer{credentials.uid, credentials.pid, credentials.gid};
}

Expected<std::vector<gid_t>> peerGroups(int socket, const LocalPeer& peer) {
  std::vector<gid_t> groups(64);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  while (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) < 0) {
    if (errno != ERANGE || size <= groups.size() * sizeof(gid_t)) {
      return fail(ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, "SO_PEERGROUPS: " + systemMessage(errno));
    }
    groups.resize(size / sizeof(gid_t));
  }
  groups.resize(size / sizeof(gid_t));
  groups.push_back(peer.gid);
  return groups;
}

Expected<kj::AutoCloseFd> connectLocal(const std::string& path) {
  auto folder = openSocketFolder(path, SocketSide::CALLER);
  if (!folder) return fail(std::move(folder.error()));
  auto address = addressOf(path, *folder);
  if (!address) return fail(std::move(address.error()));
  auto socket = newSocket(0);
  if (socket == nullptr) return refuseSocketErrno(path, "socket", errno);
  limitWait(socket, kConnectSeconds);
  if (connect(socket, reinterpret_cast<sockaddr*>(&*address), sizeof(*address)) < 0) {
    return explainConnect(path, *folder, errno);
  }
  limitWait(socket, 0);
  auto peer = localPeer(socket);
  if (!peer) return fail(std::move(peer.error()).with("socket", path));
  if (!isTrusted(peer->uid) && !mayServe(*folder, peer->uid)) {
    return refuseSocket(Reason::PEER_REFUSED, path, ownedBy("the process behind it", peer->uid));
  }
  return socket;
}

Expected<void> prepareSocketFolder(const std::string& socketPath) {
  std::string folder = folderOf(socketPath);
  for (size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    std::string part = folder.substr(0, end);
    if (mkdir(part.c_str(), 0700) < 0 && errno != EEXIST && end == std::string::npos) {
      return refuseSocketErrno(socketPath, "mkdir " + part, errno);
    }
    if (end == std::string::npos) break;
  }
  auto opened = openSocketFolder(socketPath, SocketSide::DAEMON);
  if (!opened) return fail(std::move(opened.error()));
  return {};
}

Expected<SocketLock> SocketLock::take(const std::string& socketPath) {
  if (auto ready = prepareSocketFolder(socketPath); !ready) return fail(std::move(ready.error()));
  std::string path = socketPath + ".lock";
  kj::AutoCloseFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file == nullptr) return refuseSocketErrno(socketPath, path, errno);
  if (flock(file, LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) return fail(alreadyRunning(file, socketPath));
    return refuseSocketErrno(socketPath, path, errno);
  }
  SocketLock lock(socketPath, kj::mv(file));
  if (auto written = lock.sign(); !written) return fail(std::move(written.error()));
  return lock;
}

// The text is never shorter than a pid: whoever reads it meanwhile gets the earlier one or this one.
Expected<void> SocketLock::sign() {
  std::string pid = std::to_string(getpid()) + "\n";
  bool written = pwrite(file_, pid.data(), pid.size(), 0) >= 0 && ftruncate(file_, static_cast<off_t>(pid.size())) == 0;
  if (!written) return refuseSocketErrno(socketPath_, socketPath_ + ".lock", errno);
  return {};
}

Expected<LocalListener> LocalListener::open(const SocketLock& lock, mode_t mode) {
  const std::string& path = lock.socketPath();
  std::string temporary = path + ".new";  // nobody else's: we hold the lock
  auto folder = openSocketFolder(path, SocketSide::DAEMON);
  if (!folder) return fail(std::move(folder.error()));
  auto address = addressOf(temporary, *folder);
  if (!address) return fail(std::move(address.error()));
  auto socket = newSocket(SOCK_NONBLOCK);
  unlink(temporary.c_str());
  // Linux gives a bound name the mode that its socket has, less the umask: there is no moment at which it is wider.
  // What the umask takes away is given back then.
  struct stat info;
  if (socket == nullptr || fchmod(socket, mode) < 0 ||
      bind(socket, reinterpret_cast<sockaddr*>(&*address), sizeof(*address)) < 0 ||
      chmod(temporary.c_str(), mode) < 0 || listen(socket, SOMAXCONN) < 0 || lstat(temporary.c_str(), &info) < 0 ||
      rename(temporary.c_str(), path.c_str()) < 0) {
    int error = errno;
    unlink(temporary.c_str());
    return refuseSocketErrno(path, "listen at " + path, error);
  }
  return LocalListener(path, kj::mv(socket), info.st_ino);
}

LocalListener LocalListener::inherit(const SocketLock& lock, kj::AutoCloseFd socket, mode_t mode) {
  struct stat info;
  bool isThere = lstat(lock.socketPath().c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
  if (isThere) (void)!chmod(lock.socketPath().c_str(), mode);
  return LocalListener(lock.socketPath(), kj::mv(socket), isThere ? info.st_ino : 0);
}

LocalListener::~LocalListener() noexcept(false) {
  struct stat info;
  if (socket_ != nullptr && lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace cbs
