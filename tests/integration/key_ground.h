// A server that lets many keys in, and what holds them: the ground of the cases that ask which key.
#pragma once

#include "tests/integration/check_parity.h"
#include "tests/support/key_folder.h"
#include "tests/support/ssh_agent.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace cbs::test {

inline Login with(const std::string& key) { return {.key = "{" + key + "}"}; }
inline Environment agentAt(const std::string& path) { return {{"SSH_AUTH_SOCK", path}}; }

// {NAME} is a public key, {NAME-file} its private file, {NAME-cert} its certificate, {agent-NAME} an agent that has it.
struct KeyGround {
  // No case gets the default files unless its alias says that it wants them.
  static constexpr const char* kCommon =
      " HostName 127.0.0.1\n User {user}\n Port {port}\n UserKnownHostsFile {trusted}\n"
      " GlobalKnownHostsFile /dev/null\nHost * !default-files\n IdentityFile none";

  KeyGround() {
    for (const char* name : {"a", "b", "open", "public-only"}) letIn(name);
    letIn("ecdsa", "ecdsa");
    letIn("rsa", "rsa");
    letIn("encrypted", "ed25519", "secret");
    make("stranger");
    chmod(keys.path("open").c_str(), 0644);
    std::filesystem::create_directory(matrix.agent().folder().path("home/.ssh"));
    matrix.add("port", sshd);
    matrix.write("trusted", sshd.knownHosts());
  }

  void make(const std::string& name, const std::string& type = "ed25519", const std::string& passphrase = "",
            const std::vector<std::string>& arguments = {}) {
    matrix.define(name + "-file", keys.make(name, type, passphrase, arguments));
    matrix.define(name, keys.publicLine(name));
  }
  void letIn(const std::string& name, const std::string& type = "ed25519", const std::string& passphrase = "",
             const std::vector<std::string>& arguments = {}) {
    make(name, type, passphrase, arguments);
    sshd.letIn(keys.publicLine(name));
  }
  // Puts a copy of a key into ~/.ssh.
  void placeInHome(const std::string& key, const std::string& file) {
    matrix.agent().folder().write("home/.ssh/" + file, readFile(keys.path(key)));
  }
  void fill(const std::string& name, const SshAgent& agent, const std::vector<std::string>& held) {
    std::vector<std::string> paths;
    for (const std::string& key : held) paths.push_back(keys.path(key));
    agent.add(paths);
    matrix.define("agent-" + name, agent.path());
  }

  Sshd sshd{{.lines = {"ExposeAuthInfo yes"}}};
  KeyFolder keys;
  ParityMatrix matrix;
};

}  // namespace cbs::test
