#include "tests/support/key_folder.h"

#include "tests/support/child_process.h"

namespace cbs::test {

std::string KeyFolder::make(const std::string& name, const std::string& type, const std::string& passphrase,
                            const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", path(name)};
  if (type == "rsa") argv.insert(argv.end(), {"-b", "2048"});  // the longer ones take a second to make
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  runProgram(argv);
  return path(name);
}

std::string KeyFolder::certify(const std::string& name, const std::string& authority, const std::string& principals,
                               const std::string& validity) const {
  runProgram(
      {"ssh-keygen", "-q", "-s", path(authority), "-I", name, "-n", principals, "-V", validity, path(name) + ".pub"});
  return path(name + "-cert.pub");
}

std::string KeyFolder::publicLine(const std::string& name) const {
  std::string line = readFile(path(name) + ".pub");
  return line.substr(0, line.find_first_of(" \n", line.find(' ') + 1));
}

}  // namespace cbs::test
