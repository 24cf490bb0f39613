// A descriptor as a capability.
#pragma once

#include "schema/types.capnp.h"

#include <kj/io.h>

#include <memory>

namespace cbs::cli {

using SharedFile = std::shared_ptr<const kj::AutoCloseFd>;

inline SharedFile share(kj::AutoCloseFd file) { return std::make_shared<const kj::AutoCloseFd>(kj::mv(file)); }

// Lends a descriptor to the daemon; it travels beside the capability.
class OpenFileServer final : public schema::OpenFile::Server {
 public:
  explicit OpenFileServer(SharedFile file) : file_(std::move(file)) {}
  kj::Maybe<int> getFd() override { return file_->get(); }

 private:
  SharedFile file_;
};

}  // namespace cbs::cli
