// The tree that is being written, and where in it an entry goes.
#pragma once

#include "cli/transfer/local_entry.h"
#include "cli/transfer/local_place.h"
#include "cli/transfer/open_below.h"
#include "cli/transfer/temporary_file.h"
#include "common/error.h"

#include <string>

namespace cbs::cli {

// Where an entry goes.
struct Spot {
  int folder;         // good until the next look-up
  std::string name;   // in it; `.` for the folder that all is below of
  std::string local;  // the absolute path
};

// A series of look-ups, in one place.
class Spots {
 public:
  // The place outlives it.
  explicit Spots(const LocalPlace& place) : place_(place), folders_(place.folder()) {}

  // Fails with notFound if the folder is missing, and with alreadyExists if a link or a file stands where it should.
  Expected<Spot> find(const std::string& entryPath);
  // The same for what cannot be that topmost folder.
  Expected<Spot> findFile(const std::string& entryPath);

 private:
  const LocalPlace& place_;
  FolderFinder folders_;
};

// Makes a symbolic link, in the place of what is there unless that is a folder.
Expected<void> makeSymbolicLink(const Spot& spot, const LocalEntry& entry, const WriteRules& rules);

}  // namespace cbs::cli
