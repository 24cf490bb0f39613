#include "common/local_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace cbs {
namespace {

// A folder of our own that goes away with everything in it.
struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/cbs-socket-XXXXXX";
    path = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string socket() const { return path + "/agentd.sock"; }
  std::string path;
};

Reason reasonOf(const Expected<kj::AutoCloseFd>& result) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::AGENT_UNREACHABLE);
  return result.error().reason;
}

// What a daemon that was killed leaves behind: a bound socket that nobody listens at.
void leaveStaleSocket(const std::string& path) {
  kj::AutoCloseFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strcpy(address.sun_path, path.c_str());
  REQUIRE(bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

LocalListener serve(const SocketLock& lock) {
  auto listener = LocalListener::open(lock);
  REQUIRE(listener.has_value());
  return std::move(*listener);
}

TEST_CASE("a client reaches a listener, and each sees the other's credentials") {
  TemporaryFolder folder;
  auto lock = SocketLock::take(folder.socket());
  REQUIRE(lock.has_value());
  auto listener = serve(*lock);
  auto client = connectLocal(folder.socket());
  REQUIRE(client.has_value());
  kj::AutoCloseFd accepted(accept(listener.fd(), nullptr, nullptr));
  auto peer = localPeer(accepted);
  REQUIRE(peer.has_value());
  CHECK(peer->uid == geteuid());
  CHECK(peer->pid == getpid());
  CHECK(isTrusted(peer->uid));
  CHECK_FALSE(isTrusted(geteuid() + 4711));
}

TEST_CASE("the socket and its folder are for their owner only, whatever the umask") {
  TemporaryFolder folder;
  std::string path = folder.path + "/deep/er/agentd.sock";
  mode_t before = umask(0);
  auto lock = SocketLock::take(path);
  auto listener = serve(*lock);
  umask(before);
  struct stat info;
  REQUIRE(lstat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(stat((folder.path + "/deep/er").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("connecting says what is wrong with the path") {
  TemporaryFolder folder;
  CHECK(reasonOf(connectLocal(folder.socket())) == Reason::NOT_RUNNING);
  CHECK(reasonOf(connectLocal(folder.path + "/no/such/folder/s")) == Reason::NOT_RUNNING);
  CHECK(reasonOf(connectLocal(folder.path + "/")) == Reason::UNSPECIFIED);
  std::ofstream(folder.socket()) << "a file";
  auto result = connectLocal(folder.socket());
  CHECK(reasonOf(result) == Reason::UNSPECIFIED);
  CHECK(result.error().detail.find("is not a socket") != std::string::npos);
  CHECK(result.error().fact("socket") == folder.socket());
}

TEST_CASE("a socket that a dead daemon left is told apart, and hinders no new one") {
  TemporaryFolder folder;
  leaveStaleSocket(folder.socket());
  leaveStaleSocket(folder.socket() + ".new");
  CHECK(reasonOf(connectLocal(folder.socket())) == Reason::NOT_RUNNING);
  auto lock = SocketLock::take(folder.socket());
  auto listener = serve(*lock);
  CHECK(connectLocal(folder.socket()).has_value());
}

TEST_CASE("a listener's end removes its socket, but not one that took its place") {
  TemporaryFolder folder;
  auto lock = SocketLock::take(folder.socket());
  { auto listener = serve(*lock); }
  CHECK_FALSE(std::filesystem::exists(folder.socket()));
  {
    auto listener = serve(*lock);
    std::filesystem::rename(folder.socket(), folder.path + "/kept");  // keeps the inode in use
    leaveStaleSocket(folder.socket());
  }
  CHECK(std::filesystem::exists(folder.socket()));
}

TEST_CASE("of two daemons at one socket the second learns the pid of the first") {
  TemporaryFolder folder;
  auto first = SocketLock::take(folder.socket());
  REQUIRE(first.has_value());
  auto second = SocketLock::take(folder.socket());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == ErrorKind::USAGE);
  CHECK(second.error().reason == Reason::ALREADY_EXISTS);
  CHECK(second.error().fact("pid") == std::to_string(getpid()));
}

TEST_CASE("the lock goes with its holder, however that ends") {
  TemporaryFolder folder;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  pid_t child = fork();
  if (child == 0) {
    auto lock = SocketLock::take(folder.socket());
    auto listener = LocalListener::open(*lock);
    (void)!write(ready[1], "x", 1);
    for (;;) pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK_FALSE(SocketLock::take(folder.socket()).has_value());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(reasonOf(connectLocal(folder.socket())) == Reason::NOT_RUNNING);
  auto lock = SocketLock::take(folder.socket());
  REQUIRE(lock.has_value());
  auto listener = serve(*lock);
  CHECK(connectLocal(folder.socket()).has_value());
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("of many that race for the lock exactly one wins") {
  TemporaryFolder folder;
  int start[2];
  REQUIRE(pipe(start) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 16; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    close(start[1]);
    char byte;
    (void)!read(start[0], &byte, 1);  // until the parent closes its end
    auto lock = SocketLock::take(folder.socket());
    _exit(lock.has_value() && LocalListener::open(*lock) ? (pause(), 0) : 1);
  }
  close(start[1]);
  for (int losers = 0; losers < 15; ++losers) {
    int status;
    children.erase(std::find(children.begin(), children.end(), wait(&status)));
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 1));
  }
  REQUIRE(children.size() == 1);
  auto second = SocketLock::take(folder.socket());
  CHECK(second.error().fact("pid") == std::to_string(children[0]));
  kill(children[0], SIGKILL);
  waitpid(children[0], nullptr, 0);
  close(start[0]);
}

TEST_CASE("a path too long for a socket address works all the same") {
  TemporaryFolder folder;
  std::string path = folder.path + "/" + std::string(120, 'a') + "/" + std::string(60, 'b') + "/agentd.sock";
  auto lock = SocketLock::take(path);
  REQUIRE(lock.has_value());
  auto listener = serve(*lock);
  CHECK(connectLocal(path).has_value());
  CHECK(reasonOf(connectLocal(folder.path + "/" + std::string(120, 'c'))) == Reason::UNSPECIFIED);
}

TEST_CASE("a folder that others can write to is refused by both ends") {
  TemporaryFolder folder;
  chmod(folder.path.c_str(), 0777);
  CHECK(reasonOf(connectLocal(folder.socket())) == Reason::PEER_REFUSED);
  auto lock = SocketLock::take(folder.socket());
  REQUIRE_FALSE(lock.has_value());
  CHECK(lock.error().reason == Reason::PEER_REFUSED);
  chmod(folder.path.c_str(), 01777);
  CHECK(SocketLock::take(folder.socket()).has_value());
}

TEST_CASE("another user's folder, link or daemon is refused") {
  if (geteuid() != 0) return;  // only root can make what belongs to others
  constexpr uid_t kOther = 65534;
  TemporaryFolder folder;
  std::string theirs = folder.path + "/theirs";
  mkdir(theirs.c_str(), 0700);
  REQUIRE(symlink(theirs.c_str(), (folder.path + "/link").c_str()) == 0);
  REQUIRE(lchown((folder.path + "/link").c_str(), kOther, kOther) == 0);
  CHECK(reasonOf(connectLocal(folder.path + "/link/agentd.sock")) == Reason::PEER_REFUSED);
  REQUIRE(chown(theirs.c_str(), kOther, kOther) == 0);
  CHECK(reasonOf(connectLocal(theirs + "/agentd.sock")) == Reason::PEER_REFUSED);
  CHECK_FALSE(SocketLock::take(theirs + "/agentd.sock").has_value());

  chmod(folder.path.c_str(), 01777);
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  pid_t child = fork();
  if (child == 0) {
    (void)!setuid(kOther);
    auto lock = SocketLock::take(folder.socket());
    auto listener = LocalListener::open(*lock);
    (void)!write(ready[1], "x", 1);
    for (;;) pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  auto result = connectLocal(folder.socket());
  CHECK(reasonOf(result) == Reason::PEER_REFUSED);
  CHECK(result.error().detail.find("65534") != std::string::npos);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace cbs
