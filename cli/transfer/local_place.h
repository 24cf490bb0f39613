// Where what comes from a host goes on this machine.
#pragma once

#include "cli/transfer/local_entry.h"
#include "common/error.h"

#include <kj/io.h>

#include <optional>
#include <string>

namespace cbs::cli {

class LocalPlace {
 public:
  // What is to come: how many files and folders, and the first of them. `makes`: folders may be made.
  struct Coming {
    unsigned roots;
    LocalEntry first;
    bool makes;
    bool contents() const { return roots == 1 && first.path.empty(); }
  };

  // Decides as cp(1) does: into `destination` if that is a folder, else under that name. What the contents of a folder
  // or several files go to is made if it is missing. Links are followed, here and nowhere else.
  static Expected<LocalPlace> decide(const std::string& destination, const Coming& coming);

  // The folder that everything is below of; -1: it is missing, and was not to be made.
  int folder() const { return folder_.get(); }
  bool made() const { return made_; }
  // Where the one root, or all of them, will be; absolute.
  const std::string& path() const { return path_; }

  // The path below folder() that an entry goes to, "" being the folder itself. None: it would lead elsewhere.
  std::optional<std::string> below(const std::string& entryPath) const;
  // The same, absolute.
  std::string absolute(const std::string& below) const;

 private:
  struct Wish;
  static Expected<LocalPlace> intoExisting(const Wish& wish);
  static Expected<LocalPlace> inPlaceOf(const Wish& wish, mode_t mode);
  static Expected<LocalPlace> asNew(const Wish& wish);
  static Expected<LocalPlace> intoNew(const Wish& wish);
  static Expected<LocalPlace> in(const std::string& folder, std::string newName);

  kj::AutoCloseFd folder_;
  std::string folderPath_;
  std::string newName_;  // in place of the first name of all paths; "": they keep it
  std::string path_;
  bool made_ = false;
};

}  // namespace cbs::cli
