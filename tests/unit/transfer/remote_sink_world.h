// A RemoteSink on a real server, without pool and engine.
#pragma once

#include "agentd/transfer/remote_sink.h"
#include "tests/support/account.h"
#include "tests/unit/ssh/ssh_world.h"
#include "tests/unit/transfer/connection_channels.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace cbs::transfer {

inline Bytes bytesOf(std::string_view text) {
  return kj::heapArray(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}

inline Entry fileEntry(std::string path, uint64_t size = 0, uint32_t mode = 0644, int64_t mtimeS = 1'000'000'000) {
  Entry entry;
  entry.path = std::move(path);
  entry.size = size;
  entry.mode = mode;
  entry.mtimeS = mtimeS;
  return entry;
}
inline Entry folderEntry(std::string path, uint32_t mode = 0755, int64_t mtimeS = 900'000'000) {
  Entry entry = fileEntry(std::move(path), 0, mode, mtimeS);
  entry.kind = Kind::DIRECTORY;
  return entry;
}
inline Entry linkEntry(std::string path, std::string target) {
  Entry entry = fileEntry(std::move(path));
  entry.kind = Kind::LINK;
  entry.target = std::move(target);
  return entry;
}

struct SinkWorld : ssh::World {
  explicit SinkWorld(test::SshdOptions options = {})
      : World(std::move(options)), connection(dial()), channels(*connection), streams(loop, channels, 1) {
    must(streams.start());
  }

  template <typename T>
  T wait(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
  template <typename T>
  static T valueOf(Expected<T> result) {
    if (!result) FAIL(nameOf(result.error().reason) << ": " << result.error().detail);
    if constexpr (!std::is_void_v<T>) return kj::mv(*result);
  }
  template <typename T>
  T must(Task<Expected<T>> task) {
    return valueOf(wait(kj::mv(task)));
  }

  // Begins a transfer of one root or of several.
  RemoteSink& begin(Entry first, std::string destination = "", unsigned count = 1) {
    make(destination.empty() ? remote() : destination);
    place = must(sink->begin({count, std::move(first)}));
    return *sink;
  }
  Error refusal(Entry first, std::string destination, unsigned count = 1) {
    make(std::move(destination));
    auto begun = wait(sink->begin({count, std::move(first)}));
    REQUIRE_FALSE(begun);
    REQUIRE(begun.error().kind == ErrorKind::TRANSFER_FAILED);
    return begun.error();
  }
  void make(std::string destination) {
    sink = std::make_unique<RemoteSink>(loop, streams, channels, std::move(destination), options, parts, "host");
  }

  Sink::Standing look(Entry entry) { return wait(sink->look({std::move(entry)})).at(0); }
  Expected<void> tryMake(Entry entry) { return wait(sink->make({std::move(entry)})).at(0); }
  void makeOne(Entry entry) { valueOf(tryMake(std::move(entry))); }
  Expected<void> tryPut(Entry entry, std::string_view text) {
    std::vector<SmallFile> files;
    entry.size = text.size();
    files.push_back({std::move(entry), bytesOf(text)});
    return wait(sink->put(kj::mv(files))).at(0);
  }
  void put(Entry entry, std::string_view text) { valueOf(tryPut(std::move(entry), text)); }
  Sink::Finished finish(bool complete = true) {
    Sink::Finished all{{}, {}, false};
    for (finishedIn = 0; !all.done; ++finishedIn) {
      auto part = must(sink->finish(complete));
      std::move(part.deleted.begin(), part.deleted.end(), std::back_inserter(all.deleted));
      std::move(part.errors.begin(), part.errors.end(), std::back_inserter(all.errors));
      all.done = part.done;
    }
    return all;
  }

  std::string remote(const std::string& name = "") const {
    return sshd.remoteFolder() + (name.empty() ? "" : "/" + name);
  }
  // Files and folders of the server's user.
  void writeRemote(const std::string& name, const std::string& content, mode_t mode = 0644) const {
    std::ofstream(remote(name)) << content;
    chmod(remote(name).c_str(), mode);
    give(name);
  }
  void makeRemote(const std::string& name, mode_t mode = 0755) const {
    mkdir(remote(name).c_str(), mode);
    chmod(remote(name).c_str(), mode);
    give(name);
  }
  void linkRemote(const std::string& name, const std::string& target) const {
    REQUIRE(symlink(target.c_str(), remote(name).c_str()) == 0);
  }
  std::string read(const std::string& name) const { return test::readFile(remote(name)); }
  bool exists(const std::string& name) const { return stats(name).st_nlink != 0; }
  struct stat stats(const std::string& name) const {
    struct stat about = {};
    lstat(remote(name).c_str(), &about);
    return about;
  }
  mode_t modeOf(const std::string& name) const { return stats(name).st_mode & 07777; }
  std::vector<std::string> names(const std::string& folder = "") const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(remote(folder)))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  kj::Own<ssh::Connection> connection;
  ConnectionChannels channels;
  Streams streams;
  Options options;
  PartsInUse parts;
  std::unique_ptr<RemoteSink> sink;
  std::string place;
  unsigned finishedIn = 0;  // so many parts

 private:
  void give(const std::string& name) const {
    if (geteuid() == 0) test::giveToTestAccount(remote(name));
  }
};

}  // namespace cbs::transfer
