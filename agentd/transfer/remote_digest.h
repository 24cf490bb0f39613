// SHA-256 of files on a host, which the host itself computes if it has sha256sum(1).
#pragma once

#include "agentd/transfer/digest_run.h"
#include "agentd/transfer/entry.h"
#include "agentd/transfer/streams.h"

namespace cbs::transfer {

// Of ranges of one file (32 bytes each, in order), each as far as the file goes. Where the host has no program for it,
// the file is read back. Fails with transferFailed. What is referred to outlives the task.
Task<Expected<std::vector<std::string>>> remoteDigests(Streams& streams, DigestHost& host, std::string path,
                                                       std::vector<Range> ranges);

// Of whole files, in their order.
Task<std::vector<Expected<std::string>>> remoteDigests(Streams& streams, DigestHost& host,
                                                       std::vector<std::string> paths);

}  // namespace cbs::transfer
