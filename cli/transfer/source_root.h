// One of the files and folders that a caller has asked for.
#pragma once

#include "cli/transfer/local_entry.h"
#include "cli/transfer/source_options.h"
#include "common/error.h"

#include <string>

namespace cbs::cli {

struct SourceRoot {
  std::string path;  // for the system
  std::string name;  // its entry's path; "": only the contents of the folder are asked for
};

// `path` as the user gave it: with a slash at the end, or with `.`, `..` or `/` as its last name, it is about contents.
SourceRoot sourceRootOf(const std::string& path);

// Whether a root that is a symbolic link stands for what it leads to.
bool followsRoot(const SourceRoot& root, const SourceOptions& options);

struct RootLook {
  LocalEntry entry;
  struct stat info;
};

// Fails with notFound and the like, and with isDirectory for a folder where trees were not asked for.
Expected<RootLook> lookAtRoot(const SourceRoot& root, const SourceOptions& options);

}  // namespace cbs::cli
