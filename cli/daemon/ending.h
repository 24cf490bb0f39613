// Waits for another process's end.
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/io.h>
#include <sys/types.h>

namespace cbs::cli {

// A process that is held on to, so that its pid can not come to mean another one.
class ProcessHandle {
 public:
  // Of no process if there is none of that pid any more, or where the kernel has no pidfds (before 5.3).
  explicit ProcessHandle(pid_t pid);

  // Resolves when it has ended. False if that takes longer than `limit`.
  Task<bool> ended(Loop loop, kj::Duration limit);

 private:
  kj::AutoCloseFd pidfd_;
};

}  // namespace cbs::cli
