// A local descriptor as a capability.
#pragma once

#include "schema/types.capnp.h"

namespace cbs::cli {

// Lends a descriptor to the daemon; it travels beside the capability. The descriptor must outlive the server.
class OpenFileServer final : public schema::OpenFile::Server {
 public:
  explicit OpenFileServer(int fd) : fd_(fd) {}
  kj::Maybe<int> getFd() override { return fd_; }

 private:
  int fd_;
};

}  // namespace cbs::cli
