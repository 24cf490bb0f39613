// A host, a daemon, and a place for files on either side.
#pragma once

#include "tests/support/account.h"
#include "tests/support/file_tree.h"
#include "tests/support/folder_changes.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <string>
#include <vector>

namespace cbs::test {

struct TransferLab : Lab {
  explicit TransferLab(SshdOptions options = {}, const AgentSettings& settings = {})
      : Lab(std::move(options), settings), localFolder(agent.folder().makeFolder("files", 0755)) {}

  std::string local(const std::string& name) const { return localFolder + "/" + name; }
  std::string remote(const std::string& name) const { return sshd.remoteFolder() + "/" + name; }
  // As the command line has it.
  std::string web1(const std::string& name) const { return "web1:" + remote(name); }

  std::string writeLocal(const std::string& name, const std::string& bytes, unsigned mode = 0644) const {
    return writeFile(local(name), bytes, mode);
  }
  // As if the remote user had made it. A folder that is needed above it is not theirs.
  std::string writeRemote(const std::string& name, const std::string& bytes, unsigned mode = 0644) const {
    writeFile(remote(name), bytes, mode);
    giveToTestAccount(remote(name));
    return remote(name);
  }
  std::string makeRemoteFolder(const std::string& name) const {
    exec("mkdir -p '" + remote(name) + "'");
    return remote(name);
  }

  CliResult upload(std::vector<std::string> arguments) const { return transfer("upload", std::move(arguments)); }
  CliResult download(std::vector<std::string> arguments) const { return transfer("download", std::move(arguments)); }
  // One that does not end by itself soon, so that there is time to disturb it.
  CliProcess startSlow(const std::string& command, const std::string& from, const std::string& to) const {
    return agent.startCli({command, "--limit-rate", "8M", from, to});
  }

  std::string localFolder;

 private:
  CliResult transfer(const std::string& command, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), command);
    return agent.cli(arguments, "", 6 * kSoon);
  }
};

}  // namespace cbs::test
