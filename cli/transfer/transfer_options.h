// What `upload` and `download` have in common.
#pragma once

#include "cli/options.h"
#include "cli/transfer/remote_path.h"
#include "cli/transfer/transfer_end.h"
#include "common/loop.h"
#include "schema/agent.capnp.h"

#include <string>
#include <vector>

namespace cbs::cli {

struct TransferOptions {
  std::vector<std::string> paths;  // SRC and DEST
  std::string connectTimeout;
  uint64_t connectTimeoutMs = 0;
  bool recursive = false;
  bool quiet = false;
  bool askPass = false;
};

void addTransferOptions(CLI::App& app, TransferOptions& options);

// What is wrong with the options, or "".
std::string understand(TransferOptions& options);

// Fills in the request, but for what `upload` alone has.
void describeTransfer(Loop loop, const TransferOptions& options, const RemotePath& remote,
                      schema::TransferRequest::Builder to);

// Prints what became of a transfer, and gives the exit code.
int reportTransfer(const TransferEnd& end, const RemotePath& remote, const std::string& localPath,
                   const TransferOptions& options, bool json);

}  // namespace cbs::cli
