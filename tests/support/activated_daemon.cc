#include "tests/support/activated_daemon.h"

#include "tests/support/failure.h"

#include <sys/socket.h>
#include <sys/un.h>

namespace cbs::test {
namespace {

UniqueFd listenAt(const std::string& path) {
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fail("bind " + path);
  if (listen(listener.get(), 10) != 0) fail("listen " + path);
  return listener;
}

Program activated(const PrivateAgent& agent, int listener) {
  auto program = agent.cliProgram({}, {{"LISTEN_FDS", "1"}});
  std::string script = "LISTEN_PID=$$ exec \"$@\"";
  program.argv = {"/bin/sh", "-c", script, "sh", agent.daemonProgram(), "--socket", agent.socket()};
  program.descriptors = {{3, listener}};
  return program;
}

}  // namespace

ActivatedDaemon::ActivatedDaemon(const PrivateAgent& agent)
    : listener_(listenAt(agent.socket())), process_(activated(agent, listener_.get())) {}

}  // namespace cbs::test
