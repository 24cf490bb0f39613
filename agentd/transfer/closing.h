// Closes files of a host without anybody waiting for it.
#pragma once

#include "agentd/ssh/sftp.h"

#include <kj/async.h>

#include <utility>

namespace cbs::transfer {

class Closing final : private kj::TaskSet::ErrorHandler {
 public:
  Closing() : tasks_(*this) {}
  KJ_DISALLOW_COPY(Closing);

  // The request comes after all that were made before. The session outlives this.
  void close(ssh::Sftp& sftp, ssh::Sftp::File file) { tasks_.add(wait(sftp.close(std::move(file)))); }

 private:
  static Task<void> wait(Task<Expected<void>> closing) { co_await closing; }
  // Nothing follows from a file that cannot be closed.
  void taskFailed(kj::Exception&&) override {}

  kj::TaskSet tasks_;
};

}  // namespace cbs::transfer
