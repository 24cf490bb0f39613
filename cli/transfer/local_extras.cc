#include "cli/transfer/local_extras.h"

#include "cli/transfer/local_error.h"
#include "cli/transfer/open_below.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"
#include "common/temporary_name.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

namespace cbs::cli {
namespace {

constexpr size_t kMostLevels = 500;

uint64_t hashOf(const std::string& path) { return std::hash<std::string>()(path); }

}  // namespace

void CameBy::add(const std::string& path) { hashes_.push_back(hashOf(path)); }

void CameBy::close() {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

bool CameBy::has(const std::string& path) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hashOf(path));
}

void LocalExtras::deleteSome(Portion& portion, Result& result) {
  while (!done() && portion.take()) step(result);
}

void LocalExtras::step(Result& result) {
  if (levels_.empty()) return startFolder((next_++)->first, result);
  errno = 0;
  const dirent* item = readdir(levels_.back().folder.get());
  if (item != nullptr) {
    std::string name = item->d_name;
    if (name != "." && name != "..") visit(name, result);
    return;
  }
  if (errno != 0) failed(levels_.back().path, errno, result);
  leave(result);
}

void LocalExtras::startFolder(const std::string& path, Result& result) {
  Spots spots(place_);
  auto spot = spots.find(path);
  if (!spot) return result.errors.push_back({path, std::move(spot.error())});
  auto folder = openFolderBelow(spot->folder, spot->name);
  if (folder == nullptr) return failed(path, errno, result);
  levels_.push_back({std::move(folder), "", path});
}

void LocalExtras::visit(const std::string& name, Result& result) {
  Level& level = levels_.back();
  std::string path = joinPath(level.path, name);
  if (levels_.size() == 1 && cameBy_.has(path)) return;
  struct stat info;
  if (fstatat(dirfd(level.folder.get()), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno != ENOENT) failed(path, errno, result);
    return;
  }
  bool isDirectory = S_ISDIR(info.st_mode);
  if (spared(name, path, isDirectory)) {
    level.stays = true;
  } else if (isDirectory) {
    enter(name, path, result);
  } else {
    unlink(name, path, 0, result);
  }
}

void LocalExtras::enter(const std::string& name, const std::string& path, Result& result) {
  if (levels_.size() > kMostLevels) return failed(path, ELOOP, result);
  auto folder = openFolderBelow(dirfd(levels_.back().folder.get()), name);
  if (folder == nullptr) return failed(path, errno, result);
  levels_.push_back({std::move(folder), name, path});
}

void LocalExtras::leave(Result& result) {
  Level level = std::move(levels_.back());
  levels_.pop_back();
  if (levels_.empty()) return;  // one of the tree's own
  if (level.stays) {
    levels_.back().stays = true;
  } else {
    unlink(level.name, level.path, AT_REMOVEDIR, result);
  }
}

void LocalExtras::unlink(const std::string& name, const std::string& path, int flags, Result& result) {
  int folder = dirfd(levels_.back().folder.get());
  if (!onlyTells_ && unlinkat(folder, name.c_str(), flags) < 0) return failed(path, errno, result);
  result.deleted.push_back(path);
}

void LocalExtras::failed(const std::string& path, int error, Result& result) {
  if (!levels_.empty()) levels_.back().stays = true;
  result.errors.push_back({path, localError(place_.absolute(place_.below(path).value_or("")), error)});
}

bool LocalExtras::spared(const std::string& name, const std::string& path, bool isDirectory) const {
  return isTemporary(name) || excluded(exclude_, path, isDirectory);
}

}  // namespace cbs::cli
