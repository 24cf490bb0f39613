// An upload to many hosts.
#pragma once

#include "cli/transfer/upload_order.h"

namespace cbs::cli {

// Gives the exit code. What of this machine's files cannot be read at all is told before a host gets anything.
int uploadToMany(const UploadOrder& upload, const CommonOptions& common);

}  // namespace cbs::cli
