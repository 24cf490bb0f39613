// How a transfer ends, as the CLI sees it.
#pragma once

#include "common/error.h"
#include "schema/transfer.capnp.h"

#include <capnp/message.h>
#include <kj/memory.h>

namespace cbs::cli {

// Either the daemon told the result, or something ended the wait for it.
struct TransferEnd {
  kj::Own<schema::TransferResult::Reader> result;  // null if it was not told
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  int exitCode = 0;

  // The daemon told it.
  static TransferEnd told(schema::TransferResult::Reader result);
  // `error` is why the result is not known.
  static TransferEnd failed(Error error);
  // The user insisted on leaving with a second signal.
  static TransferEnd left(int signal);

  // Whether it went to its end, and only single entries failed.
  bool onlyEntriesFailed() const { return error.kind != ErrorKind::NONE && !error.fact("failed").empty(); }
};

}  // namespace cbs::cli
