// A user's ssh-agent.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <string>
#include <vector>

namespace cbs::test {

// OpenSSH's own. It ends with the object.
class SshAgent {
 public:
  SshAgent();

  // In the order in which it will list them; a certificate beside a key file comes with it. `askPass` is a program that
  // prints the passphrase of those that have one.
  void add(const std::vector<std::string>& keyFiles, const std::string& askPass = "") const;
  const std::string& path() const { return path_; }

 private:
  TempFolder folder_;
  std::string path_;
  ChildProcess process_;
};

}  // namespace cbs::test
