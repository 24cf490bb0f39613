// The files and folders of a host that a transfer was asked for.
#pragma once

#include "agentd/transfer/closing.h"
#include "agentd/transfer/entry.h"

#include <string>
#include <vector>

namespace cbs::transfer {

struct RemoteRoot {
  std::string path;  // on the host
  Entry entry;       // of a file, with the root's number as the id
  std::string real;  // of a folder when links are followed: its path without any

  // Where the host has what is told with the path `entryPath`.
  std::string pathOf(const std::string& entryPath) const;
};

struct RemoteRoots {
  std::vector<RemoteRoot> roots;
  std::vector<PathError> errors;  // of paths that are missing, or cannot be moved as was asked
};

// `paths` are as RemoteSource takes them. Fails if nothing can be asked any more. What is referred to outlives the
// task.
Task<Expected<RemoteRoots>> findRoots(ssh::Sftp& sftp, Closing& closing, std::vector<std::string> paths,
                                      const Options& options);

}  // namespace cbs::transfer
