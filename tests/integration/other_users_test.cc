// Nobody but the socket's owner and root is served. Needs root, to be somebody else.
#include "tests/support/lab.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

constexpr uid_t kNobody = 65534;

// What becomes of a connection that another user makes: 0 if it is closed unanswered, else a number that says where it
// went wrong.
int connectAsNobody(const std::string& path) {
  pid_t child = fork();
  if (child == 0) {
    if (setresuid(kNobody, kNobody, kNobody) != 0) _exit(10);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) _exit(errno == EACCES ? 11 : 12);
    char byte;
    _exit(waitReadable(fd, kSoon) && read(fd, &byte, 1) <= 0 ? 0 : 13);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST_CASE("the socket's mode keeps other users away, and where it does not, the daemon does") {
  if (geteuid() != 0) SKIP("needs root");
  Lab lab;
  struct stat info;
  REQUIRE(stat(lab.agent.socket().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(connectAsNobody(lab.agent.socket()) == 11);

  chmod(lab.agent.socket().c_str(), 0666);
  for (int i = 0; i < 20; ++i) CHECK(connectAsNobody(lab.agent.socket()) == 0);
  CHECK(lab.exec("echo fine").out == "fine\n");
  lab.agent.stop();
  CHECK(lab.agent.log().find("uid=65534") != std::string::npos);
}

}  // namespace
}  // namespace cbs::test
