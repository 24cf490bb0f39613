// SFTP to a test's own sshd.
#pragma once

#include "agentd/ssh/sftp.h"
#include "tests/unit/ssh/ssh_world.h"

#include <string>
#include <type_traits>

namespace cbs::ssh {

// SFTP on a channel of a connection to a real server.
struct SftpWorld : World {
  explicit SftpWorld(test::SshdOptions options = {}) : World(std::move(options)), connection(dial()) {
    channel = must(connection->openChannel());
  }

  template <typename T>
  Expected<T> wait(Task<Expected<T>> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
  template <typename T>
  T must(Task<Expected<T>> task) {
    auto result = wait(kj::mv(task));
    if (!result) FAIL(nameOf(result.error().reason) << ": " << result.error().detail);
    if constexpr (!std::is_void_v<T>) return kj::mv(*result);
  }
  template <typename T>
  Reason reasonOf(Task<Expected<T>> task) {
    auto result = wait(kj::mv(task));
    REQUIRE_FALSE(result);
    REQUIRE(result.error().kind == ErrorKind::TRANSFER_FAILED);
    return result.error().reason;
  }
  Expected<kj::Own<Sftp>> start() { return wait(Sftp::start(loop, *channel)); }
  std::string remote(const std::string& name) { return sshd.remoteFolder() + "/" + name; }

  kj::Own<Connection> connection;
  kj::Own<Channel> channel;
};

inline kj::Array<kj::byte> bytesOf(std::string_view text) {
  return kj::heapArray(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}
inline std::string textOf(const kj::Array<kj::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace cbs::ssh
