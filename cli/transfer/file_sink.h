// A place of this machine's where the daemon puts files.
#pragma once

#include "schema/transfer.capnp.h"

#include <string>

namespace cbs::cli {

// Takes what is to go to `destination`.
schema::FileSink::Client makeFileSink(std::string destination);

}  // namespace cbs::cli
