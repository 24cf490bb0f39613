// SHA-256 of files on a host that cannot compute it: they are read back.
#pragma once

#include "agentd/ssh/sftp.h"
#include "agentd/transfer/entry.h"

namespace cbs::transfer {

// How many bytes it has under way at most: a part of what a stream carries at once, as others read there, too.
constexpr size_t kReadBackAtOnce = size_t{256} * 1024;

// Of ranges of one file (32 bytes each, in order), each as far as the file goes. Fails with transferFailed: notFound,
// remoteIo (also for what is no regular file), … The session outlives the task.
Task<Expected<std::vector<std::string>>> readBack(ssh::Sftp& sftp, std::string path, std::vector<Range> ranges);

}  // namespace cbs::transfer
