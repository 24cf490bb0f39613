// A real server with files on it, and SFTP streams to it, without pool and engine.
#pragma once

#include "agentd/transfer/remote_source.h"
#include "tests/support/account.h"
#include "tests/unit/ssh/ssh_world.h"
#include "tests/unit/transfer/connection_channels.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace cbs::transfer {

// All that a source told.
struct Walked {
  std::vector<Entry> entries;
  std::vector<PathError> errors;

  // The one of that path; there must be one.
  const Entry& at(const std::string& path) const {
    for (const auto& entry : entries) {
      if (entry.path == path) return entry;
    }
    FAIL("no entry " << path);
    throw std::logic_error("unreachable");
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& entry : entries) paths.push_back(entry.path);
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  // What happened to that path; unspecified: nothing.
  Reason failure(const std::string& path) const {
    for (const auto& error : errors) {
      if (error.path == path) return error.error.reason;
    }
    return Reason::UNSPECIFIED;
  }
};

struct SourceWorld : ssh::World {
  explicit SourceWorld(test::SshdOptions options = {})
      : World(std::move(options)), connection(dial()), channels(*connection) {
    must(streams.start());
  }

  template <typename T>
  T wait(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
  template <typename T>
  T must(Task<Expected<T>> task) {
    auto result = wait(kj::mv(task));
    if (!result) FAIL(nameOf(result.error().reason) << ": " << result.error().detail);
    if constexpr (!std::is_void_v<T>) return kj::mv(*result);
  }

  std::string remote(const std::string& name = "") { return sshd.remoteFolder() + (name.empty() ? "" : "/" + name); }
  void makeFolder(const std::string& name) { std::filesystem::create_directories(remote(name)); }
  void write(const std::string& name, const std::string& content, unsigned mode = 0644) {
    std::filesystem::create_directories(std::filesystem::path(remote(name)).parent_path());
    std::ofstream(remote(name)) << content;
    REQUIRE(chmod(remote(name).c_str(), mode) == 0);
  }
  void link(const std::string& name, const std::string& target) {
    std::filesystem::create_symlink(target, remote(name));
  }

  Walked walk(RemoteSource& source) {
    Walked all;
    for (bool done = false; !done;) {
      auto batch = must(source.next());
      REQUIRE(batch.entries.size() <= 1000);
      std::move(batch.entries.begin(), batch.entries.end(), std::back_inserter(all.entries));
      std::move(batch.errors.begin(), batch.errors.end(), std::back_inserter(all.errors));
      done = batch.done;
    }
    return all;
  }
  // Everything that there is to be told of these paths.
  Walked walk(std::vector<std::string> paths, const Options& options) {
    RemoteSource source(loop, streams, channels, std::move(paths), options);
    must(source.roots());
    return walk(source);
  }

  kj::Own<ssh::Connection> connection;
  ConnectionChannels channels;
  Streams streams{loop, channels, 1};
};

inline std::string textOf(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}; }

}  // namespace cbs::transfer
