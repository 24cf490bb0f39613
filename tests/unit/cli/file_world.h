// Files of this machine, and the objects that serve them, called as the daemon calls them.
#pragma once

#include "cli/transfer/file_sink.h"
#include "cli/transfer/file_source.h"
#include "cli/transfer/local_entry.h"
#include "common/error.h"
#include "tests/support/temp_folder.h"

#include <kj/async-io.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {

using test::readFile;

struct FileWorld {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  test::TempFolder folder;

  std::string at(std::string_view name) const { return folder.path(name); }
  struct stat info(std::string_view name) const {
    struct stat info {};
    CHECK(lstat(at(name).c_str(), &info) == 0);
    return info;
  }
  mode_t mode(std::string_view name) const { return info(name).st_mode & 07777; }
  bool exists(std::string_view name) const {
    struct stat info;
    return lstat(at(name).c_str(), &info) == 0;
  }
  void link(const std::string& target, std::string_view name) const {
    REQUIRE(symlink(target.c_str(), at(name).c_str()) == 0);
  }
};

// A mask for the files that are made, for as long as the object lives.
struct Umask {
  explicit Umask(mode_t mask) : before(umask(mask)) {}
  ~Umask() { umask(before); }
  mode_t before;
};

// The descriptor that travels with a capability; -1: none.
inline int descriptorOf(FileWorld& world, schema::OpenFile::Client& file) {
  auto fd = file.getFd().wait(world.io.waitScope);
  KJ_IF_MAYBE (number, fd) return *number;
  return -1;
}

}  // namespace cbs::cli
