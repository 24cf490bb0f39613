// Walks trees of this machine, depth first, a folder before what is in it.
#pragma once

#include "cli/transfer/hard_links.h"
#include "cli/transfer/local_entry.h"
#include "cli/transfer/open_below.h"
#include "cli/transfer/source_options.h"
#include "cli/transfer/source_root.h"
#include "cli/transfer/told_files.h"
#include "common/error.h"

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

namespace cbs::cli {

struct LocalPathError {
  std::string path;  // of the entry
  Error error;
};

class LocalWalk {
 public:
  struct Batch {
    std::vector<LocalEntry> entries;
    std::vector<LocalPathError> errors;
  };

  // Folders within folders, each of which takes a descriptor.
  static constexpr size_t kMostLevels = 500;

  // Files get their ids from `files`. What is referred to outlives it.
  LocalWalk(const std::vector<SourceRoot>& roots, const SourceOptions& options, ToldFiles& files)
      : roots_(roots), options_(options), files_(files) {}

  // About `most` more.
  Batch next(size_t most);
  bool done() const { return levels_.empty() && nextRoot_ == roots_.size(); }

 private:
  struct Level {
    OpenFolder folder;
    std::shared_ptr<const WalkedFolder> name;
    std::string path;  // of its entry
    dev_t device;
    ino_t inode;
  };

  void startRoot(const SourceRoot& root);
  void step();
  void visit(const std::string& name);
  // False: nothing is there, or it was told that it cannot be looked at.
  bool look(const Level& level, const std::string& name, const std::string& path, struct stat& info);
  void tellFile(LocalEntry entry, const struct stat& info, std::shared_ptr<const WalkedFolder> folder,
                const std::string& name);
  void enter(LocalEntry entry, const struct stat& info, std::shared_ptr<const WalkedFolder> name);
  bool isAbove(const struct stat& info) const;
  void tellError(const std::string& path, Error error) { batch_.errors.push_back({path, std::move(error)}); }

  const std::vector<SourceRoot>& roots_;
  const SourceOptions& options_;
  ToldFiles& files_;
  HardLinks hardLinks_;
  size_t nextRoot_ = 0;
  std::vector<Level> levels_;
  Batch batch_;
};

}  // namespace cbs::cli
