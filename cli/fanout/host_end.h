// How the work on one of many hosts has ended.
#pragma once

#include "common/error.h"
#include "schema/fan_out.capnp.h"

#include <kj/memory.h>

namespace cbs::cli {

struct HostEnd {
  // The daemon told it.
  static HostEnd told(schema::Outcome::Reader outcome);
  static HostEnd moved(schema::TransferResult::Reader result);
  // It had begun, and how it ended is not known: why.
  static HostEnd lost(Error why);
  // It never began.
  static HostEnd notBegun(Error why);

  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  int exitCode = 0;
  kj::Own<schema::Outcome::Reader> outcome = {};        // of a command; null if it was not told
  kj::Own<schema::TransferResult::Reader> result = {};  // of an upload; null if it was not told

  bool succeeded() const { return exitCode == 0; }
  // It never began, as others had failed or somebody has ended it all: what it exits with does not count.
  bool skipped() const;
  // Nothing was tried, and that is not the host's fault: of it alone there is nothing to say.
  bool neverBegun() const { return skipped() || error.kind == ErrorKind::AGENT_UNREACHABLE; }
};

}  // namespace cbs::cli
