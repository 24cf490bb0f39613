// Deletes what a tree has and its source does not have.
#pragma once

#include "cli/transfer/local_folders.h"
#include "cli/transfer/local_place.h"
#include "cli/transfer/local_walk.h"
#include "cli/transfer/portion.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::cli {

// The paths that have come by, 8 bytes for each. Two of them can be taken for one another, once in 10^12 times with ten
// million of them; something is spared then.
class CameBy {
 public:
  void add(const std::string& path);
  // To be called before the first question, and after the last path.
  void close();
  bool has(const std::string& path) const;

 private:
  std::vector<uint64_t> hashes_;
};

class LocalExtras {
 public:
  struct Result {
    std::vector<std::string> deleted;  // what was in a folder comes before it
    std::vector<LocalPathError> errors;
  };

  // From `folders` on. `onlyTells`: nothing is deleted. What is referred to outlives it, and stays as it is.
  LocalExtras(const LocalPlace& place, const LocalFolders::All& folders, const CameBy& cameBy,
              const std::vector<std::string>& exclude, bool onlyTells)
      : place_(place),
        folders_(folders),
        next_(folders.begin()),
        cameBy_(cameBy),
        exclude_(exclude),
        onlyTells_(onlyTells) {}

  // Goes on for a portion, with at most one path in the result for each of its steps. No link is followed; what is
  // excluded stays, and the names of files that are being written.
  void deleteSome(Portion& portion, Result& result);
  bool done() const { return levels_.empty() && next_ == folders_.end(); }

 private:
  // A folder that is being read: one of the tree's own, or below such a one, where everything goes.
  struct Level {
    OpenFolder folder;
    std::string name;  // in the folder above
    std::string path;
    bool stays = false;  // something in it does
  };

  void step(Result& result);
  void startFolder(const std::string& path, Result& result);
  void visit(const std::string& name, Result& result);
  void enter(const std::string& name, const std::string& path, Result& result);
  void leave(Result& result);
  void unlink(const std::string& name, const std::string& path, int flags, Result& result);
  void failed(const std::string& path, int error, Result& result);
  bool spared(const std::string& name, const std::string& path, bool isDirectory) const;

  const LocalPlace& place_;
  const LocalFolders::All& folders_;
  LocalFolders::All::const_iterator next_;
  const CameBy& cameBy_;
  const std::vector<std::string>& exclude_;
  bool onlyTells_;
  std::vector<Level> levels_;
};

}  // namespace cbs::cli
