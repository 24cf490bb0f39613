// Programs that use ssh, and are given `cbsession ssh` in its place.
#pragma once

#include "tests/support/lab.h"

#include <string>
#include <vector>

namespace cbs::test {

// A lab whose real ssh is a script: it says that it was called, with what, and does no more than answer for ssh -G. So
// whatever a program did went over the pool.
struct SshToolLab : Lab {
  explicit SshToolLab(SshdOptions options = {});

  // Runs `cbsession ssh ARGUMENTS`.
  CliResult ssh(const std::vector<std::string>& arguments, std::string_view input = "") const;
  // Runs another program to its end, in our folder, with further variables.
  CliResult run(const std::vector<std::string>& argv, const Environment& more = {}, std::string_view input = "",
                milliseconds deadline = kSoon) const;

  // The words of a command, and a program's path.
  std::string words() const { return program() + " ssh"; }
  std::string program() const { return agent.cliProgram({}).argv[0]; }
  std::string linkedProgram() const { return program() + "-ssh"; }
  // Of files here and on the host.
  std::string here(const std::string& name) const { return agent.folder().path(name); }
  std::string there(const std::string& name) const { return sshd.remoteFolder() + "/" + name; }
  // What the real ssh was called with, but for -G.
  std::string handedOver() const;
};

// Whether there is such a program in PATH.
bool isInstalled(const std::string& program);

}  // namespace cbs::test
