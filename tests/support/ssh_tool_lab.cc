#include "tests/support/ssh_tool_lab.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace cbs::test {

SshToolLab::SshToolLab(SshdOptions options) : Lab(std::move(options)) {
  agent.folder().write("real-ssh",
                       "#!/bin/sh\n[ \"$1\" != -G ] || exec ssh \"$@\"\necho \"$*\" >>'" + here("handed-over") +
                           "'\necho \"real ssh: $*\"\nexit 77\n",
                       0700);
}

CliResult SshToolLab::ssh(const std::vector<std::string>& arguments, std::string_view input) const {
  std::vector<std::string> argv = {program(), "ssh"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run(argv, {}, input);
}

CliResult SshToolLab::run(const std::vector<std::string>& argv, const Environment& more, std::string_view input,
                          milliseconds deadline) const {
  Environment environment = more;
  environment.insert({"CBSESSION_SSH", here("real-ssh")});
  environment.insert(agent.environment().begin(), agent.environment().end());
  std::vector<std::string> inFolder = {"env", "-C", agent.folder().path()};
  inFolder.insert(inFolder.end(), argv.begin(), argv.end());
  return CliProcess({.argv = inFolder, .environment = environment}).finishWithInput(input, deadline);
}

std::string SshToolLab::handedOver() const { return readFile(here("handed-over")); }

bool isInstalled(const std::string& program) {
  std::string_view path = std::getenv("PATH");
  while (!path.empty()) {
    auto folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
    if (access((std::string(folder) + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace cbs::test
