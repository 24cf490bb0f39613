// How a transfer ends, as the CLI sees it.
#pragma once

#include "common/error.h"

#include <capnp/message.h>
#include <kj/memory.h>

namespace cbs::cli {

struct TransferEnd {
  kj::Own<schema::TransferResult::Reader> result;  // null if it was not told
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
};

}  // namespace cbs::cli
