// What a server says about a file, as an entry of a transfer.
#pragma once

#include "agentd/ssh/sftp_message.h"
#include "agentd/transfer/entry.h"

#include <string>

namespace cbs::transfer {

// Whether the server told what sort of file it is.
bool hasType(const ssh::SftpAttributes& attributes);

// Without the target of a link. A file of no known type counts as a regular one. `id` is for files only.
Entry remoteEntry(std::string path, const ssh::SftpAttributes& attributes, uint64_t id = 0);

}  // namespace cbs::transfer
