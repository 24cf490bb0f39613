// What is in folders of a host, for people to see.
#pragma once

#include "agentd/transfer/entry.h"
#include "agentd/transfer/streams.h"

#include <string>
#include <vector>

namespace cbs::transfer {

struct Listed {
  std::string name;  // in the folder; of a path that is listed itself, that path
  Entry entry;       // without path and id; links are not followed
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string owner;  // as the server calls it; empty: it does not say
  std::string group;
};

class Lister {
 public:
  // Takes at most 1,000 names in the folder `path`, in any order, or with "" for it a path that is listed itself. All
  // of a path come before those of the next one; for an empty folder there is one call, without names.
  virtual kj::Promise<void> files(std::string path, std::vector<Listed> files) = 0;
  // A path, or a name in it, that cannot be listed.
  virtual kj::Promise<void> failed(PathError error) = 0;

 protected:
  ~Lister() = default;
};

// Lists the contents of folders, and other files as they are; with `itself` folders too. The paths are as RemoteSource
// takes them. Hidden names are included. One that is a link to a folder lists that folder. Fails if nothing can be
// asked any more. What is referred to outlives the task.
Task<Expected<void>> listOn(Streams& streams, std::vector<std::string> paths, bool itself, Lister& lister);

}  // namespace cbs::transfer
