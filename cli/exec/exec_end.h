// How an `exec` ends, as the CLI sees it.
#pragma once

#include "common/error.h"

#include <capnp/message.h>
#include <kj/memory.h>

namespace cbs::cli {

// Either the daemon told the outcome, or something ended the wait for it.
struct ExecEnd {
  kj::Own<schema::Outcome::Reader> outcome;  // null if it was not told
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  int exitCode = 0;

  // The daemon told it.
  static ExecEnd told(schema::Outcome::Reader outcome);
  // `error` is why the outcome is not known.
  static ExecEnd failed(Error error);
  // The user insisted on leaving with a second signal.
  static ExecEnd left(int signal);
};

}  // namespace cbs::cli
