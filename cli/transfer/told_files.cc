#include "cli/transfer/told_files.h"

#include "cli/transfer/open_below.h"
#include "common/entry_path.h"

#include <fcntl.h>

namespace cbs::cli {
namespace {

constexpr int kReading = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
constexpr int kFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;

int openFollowing(int folder, const std::string& path, int flags) {
  return openat(folder, path.empty() ? "." : path.c_str(), flags);
}

// The path below the topmost folder, whose path goes to `root`.
std::string below(const WalkedFolder& folder, std::string& root) {
  if (folder.parent == nullptr) {
    root = folder.name;
    return "";
  }
  return joinPath(below(*folder.parent, root), folder.name);
}

kj::AutoCloseFd owned(int fd) {
  if (fd < 0) return nullptr;
  return kj::AutoCloseFd(fd);
}

}  // namespace

std::string pathOf(const std::shared_ptr<const WalkedFolder>& folder, const std::string& name) {
  if (folder == nullptr) return name;
  return joinPath(pathOf(folder->parent, folder->name), name);
}

uint64_t ToldFiles::add(ToldFile file) {
  uint64_t large = file.size > kSmallFile ? 1 : 0;
  auto& [files, first] = sorts_[large];
  if (files.size() == kMost) {
    files.pop_front();
    ++first;
  }
  files.push_back(std::move(file));
  return (first + files.size() - 1) << 1 | large;
}

const ToldFile* ToldFiles::find(uint64_t id) const {
  const auto& [files, first] = sorts_[id & 1];
  uint64_t place = id >> 1;
  if (place < first || place - first >= files.size()) return nullptr;
  return &files[place - first];
}

bool ToldFileOpener::reach(const std::shared_ptr<const WalkedFolder>& folder) {
  if (at_ == folder) return true;
  std::string path;
  std::string rest = below(*folder, path);
  at_ = nullptr;
  auto root = owned(openFollowing(AT_FDCWD, path, kFolder));
  if (root == nullptr) return false;
  folder_ = followsLinks_ ? owned(openFollowing(root, rest, kFolder)) : openBelow(root, rest, kFolder);
  if (folder_ == nullptr) return false;
  at_ = folder;
  return true;
}

kj::AutoCloseFd ToldFileOpener::open(const ToldFile& file) {
  if (file.folder == nullptr) {
    return owned(openFollowing(AT_FDCWD, file.name, followsRoots_ ? kReading : kReading | O_NOFOLLOW));
  }
  if (!reach(file.folder)) return nullptr;
  return owned(openFollowing(folder_, file.name, followsLinks_ ? kReading : kReading | O_NOFOLLOW));
}

}  // namespace cbs::cli
