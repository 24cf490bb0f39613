#include "tests/support/ssh_agent.h"

#include "tests/support/failure.h"

namespace cbs::test {
namespace {

// The agent prints where it listens once it does.
ChildProcess startAgent(const std::string& path) {
  Pipe output = makePipe();
  ChildProcess agent({.argv = {"ssh-agent", "-D", "-a", path}, .descriptors = {{1, output.write.get()}}});
  output.write.close();
  char first;
  if (!waitReadable(output.read.get(), kSoon) || read(output.read.get(), &first, 1) != 1)
    fail("ssh-agent did not start");
  return agent;
}

}  // namespace

SshAgent::SshAgent() : path_(folder_.path("agent.sock")), process_(startAgent(path_)) {}

void SshAgent::add(const std::vector<std::string>& keyFiles, const std::string& askPass) const {
  std::vector<std::string> argv = {
      "env", "SSH_AUTH_SOCK=" + path_, "SSH_ASKPASS=" + askPass, "SSH_ASKPASS_REQUIRE=force", "ssh-add", "-q"};
  argv.insert(argv.end(), keyFiles.begin(), keyFiles.end());
  runProgram(argv);
}

}  // namespace cbs::test
