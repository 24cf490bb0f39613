// The files that the daemon was told of, by the numbers by which it asks for them.
#pragma once

#include <kj/io.h>

#include <deque>
#include <memory>
#include <string>

namespace cbs::cli {

// A folder of a tree that is walked. The topmost one has no parent, and its name is a path of the system's.
struct WalkedFolder {
  std::shared_ptr<const WalkedFolder> parent;
  std::string name;
};

struct ToldFile {
  std::shared_ptr<const WalkedFolder> folder;  // null: the name is a path of the system's
  std::string name;
  uint64_t size;
};

// As the system would be given it, for people.
std::string pathOf(const std::shared_ptr<const WalkedFolder>& folder, const std::string& name);

// Remembers the last kMost of them, of large and of small files each: whoever asks for files keeps up with what it is
// told of either sort, but a large one may wait while very many small ones go by.
class ToldFiles {
 public:
  static constexpr size_t kMost = 262144;
  static constexpr uint64_t kSmallFile = uint64_t{64} * 1024;  // at most

  // The number that it gets; never 0.
  uint64_t add(ToldFile file);
  // null: there is none of that number, or it is forgotten.
  const ToldFile* find(uint64_t id) const;

 private:
  // The lowest bit of a number says of which sort the file is, the others count those of the sort from 1 on.
  struct Sort {
    std::deque<ToldFile> files = {};
    uint64_t first = 1;
  };
  Sort sorts_[2];  // small, large
};

// Opens them, for reading.
class ToldFileOpener {
 public:
  // `followsRoots`: a file that was asked for itself may be a symbolic link; `followsLinks`: any may.
  ToldFileOpener(bool followsRoots, bool followsLinks) : followsRoots_(followsRoots), followsLinks_(followsLinks) {}

  // null: see errno. It may be something else than a regular file by now; opening does not wait then.
  kj::AutoCloseFd open(const ToldFile& file);

 private:
  bool reach(const std::shared_ptr<const WalkedFolder>& folder);

  bool followsRoots_;
  bool followsLinks_;
  std::shared_ptr<const WalkedFolder> at_;  // the folder that is open, as files of one are often asked for in turn
  kj::AutoCloseFd folder_;
};

}  // namespace cbs::cli
