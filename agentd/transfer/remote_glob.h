// Finds the files of a host that a path or a pattern means.
#pragma once

#include "agentd/transfer/closing.h"

#include <string>
#include <vector>

namespace cbs::transfer {

struct RemoteMatch {
  std::string path;                // relative to the home directory if it does not begin with a slash
  ssh::SftpAttributes attributes;  // of the path itself: links are not followed
};

// `path` is as scp takes it: a relative one and `~/` begin at the home directory. What is there under that very name is
// taken; if nothing is, `*`, `?` and `[…]` match within names, `\` takes a character's meaning away, and names that
// begin with a dot are matched by patterns that do. The matches are sorted, at least one; with a slash at the end of
// the path they are folders and links. Fails with notFound, with the error that hid all matches, or with one after
// which nothing can be asked. What is referred to outlives the task.
Task<Expected<std::vector<RemoteMatch>>> findRemote(ssh::Sftp& sftp, Closing& closing, std::string path);

}  // namespace cbs::transfer
