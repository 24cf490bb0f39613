// How a host has ended, for whoever keeps it for later, or knows one host only.
#pragma once

#include "cli/exec/exec_end.h"
#include "cli/fanout/host_end.h"
#include "cli/transfer/transfer_end.h"

namespace cbs::cli {

// The end of a command, and of an upload.
ExecEnd execEndOf(const HostEnd& end);
TransferEnd transferEndOf(const HostEnd& end);

HostEnd copyOf(const HostEnd& end);

}  // namespace cbs::cli
