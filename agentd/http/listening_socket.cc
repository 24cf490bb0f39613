#include "agentd/http/listening_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cbs::http {
namespace {

constexpr int kBacklog = 128;

tl::unexpected<Error> refuse(std::string detail) {
  return fail(ErrorKind::INTERNAL, Reason::LOCAL_IO, std::move(detail));
}

kj::AutoCloseFd newSocket(int family) {
  return kj::AutoCloseFd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool setOption(int socket, int level, int option) {
  int on = 1;
  return setsockopt(socket, level, option, &on, sizeof(on)) == 0;
}

bool addressOf(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

// Whether a new socket may take this path; "" if so, else why not.
std::string whyTaken(const std::string& path, const sockaddr_un& address) {
  struct stat info;
  if (lstat(path.c_str(), &info) < 0) return errno == ENOENT ? "" : path + ": " + systemMessage(errno);
  if (!S_ISSOCK(info.st_mode)) return path + " is there and is no socket";
  auto socket = newSocket(AF_UNIX);
  if (socket == nullptr) return systemMessage(errno);
  int connected = connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (connected < 0 && (errno == ECONNREFUSED || errno == ENOENT)) return "";
  return "another program listens at " + path;
}

}  // namespace

Expected<ListeningSocket> ListeningSocket::open(const ListenAddress& address) {
  return address.path.empty() ? openPort(address) : openPath(address.path);
}

// An answer is a head and a body: without TCP_NODELAY, which accepted sockets inherit, the body waits for the other
// side's delayed acknowledgement of the head.
Expected<ListeningSocket> ListeningSocket::openPort(const ListenAddress& address) {
  auto socket = newSocket(address.address.ss_family);
  if (socket == nullptr || !setOption(socket, SOL_SOCKET, SO_REUSEADDR) ||
      !setOption(socket, IPPROTO_TCP, TCP_NODELAY) ||
      bind(socket, reinterpret_cast<const sockaddr*>(&address.address), address.size) < 0 ||
      listen(socket, kBacklog) < 0) {
    return refuse(systemMessage(errno));
  }
  return ListeningSocket(kj::mv(socket), "", 0);
}

// It is bound under a name of its own and moved into place once it listens, so that nobody meets one that refuses.
Expected<ListeningSocket> ListeningSocket::openPath(const std::string& path) {
  std::string temporary = path + "." + std::to_string(getpid());
  sockaddr_un address;
  sockaddr_un temporaryAddress;
  if (!addressOf(path, address) || !addressOf(temporary, temporaryAddress)) return refuse(path + " is too long");
  if (auto taken = whyTaken(path, address); !taken.empty()) return refuse(std::move(taken));
  auto socket = newSocket(AF_UNIX);
  if (socket == nullptr) return refuse(systemMessage(errno));
  unlink(temporary.c_str());
  struct stat info;
  if (bind(socket, reinterpret_cast<sockaddr*>(&temporaryAddress), sizeof(temporaryAddress)) < 0 ||
      chmod(temporary.c_str(), 0660) < 0 || listen(socket, kBacklog) < 0 || lstat(temporary.c_str(), &info) < 0 ||
      rename(temporary.c_str(), path.c_str()) < 0) {
    int error = errno;
    unlink(temporary.c_str());
    return refuse(path + ": " + systemMessage(error));
  }
  return ListeningSocket(kj::mv(socket), path, info.st_ino);
}

ListeningSocket::~ListeningSocket() noexcept(false) {
  struct stat info;
  bool ours = socket_ != nullptr && !path_.empty() && lstat(path_.c_str(), &info) == 0 && info.st_ino == inode_;
  if (ours) unlink(path_.c_str());
}

}  // namespace cbs::http
