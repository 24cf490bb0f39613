// What the tests of this floor stand on: an event loop, a folder, and OpenSSH's own programs.
#pragma once

#include "common/loop.h"
#include "common/subprocess.h"
#include "common/task.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <kj/async-io.h>

#include <signal.h>
#include <string>
#include <vector>

namespace cbs::identity {

struct World {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  test::TempFolder folder;

  template <typename T>
  T wait(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
  template <typename T>
  T wait(kj::Promise<T> promise) {
    return promise.wait(io.waitScope);
  }

  // Makes a key pair and returns the private file's path.
  std::string makeKey(const std::string& name, const std::string& type = "ed25519",
                      const std::string& passphrase = "") {
    auto path = folder.path(name);
    test::runProgram({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name + " comment", "-f", path});
    return path;
  }
};

// A user's ssh-agent. It ends with the object.
class UserAgent {
 public:
  explicit UserAgent(World& world) : path_(world.folder.path("user-agent.sock")), process_(start(path_)) {}

  void add(const std::string& keyFile) {
    test::runProgram({"env", "SSH_AUTH_SOCK=" + path_, "ssh-add", "-q", keyFile});
  }
  const std::string& path() const { return path_; }

 private:
  static test::ChildProcess start(const std::string& path) {
    auto pipe = test::makePipe();
    test::ChildProcess agent({.argv = {"ssh-agent", "-D", "-a", path}, .descriptors = {{1, pipe.write.get()}}});
    test::waitReadable(pipe.read.get(), test::kSoon);
    return agent;
  }

  std::string path_;
  test::ChildProcess process_;
};

}  // namespace cbs::identity
