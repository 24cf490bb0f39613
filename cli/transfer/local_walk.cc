#include "cli/transfer/local_walk.h"

#include "cli/transfer/local_error.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cbs::cli {

LocalWalk::Batch LocalWalk::next(size_t most) {
  batch_ = {};
  while (!done() && batch_.entries.size() + batch_.errors.size() < most) {
    if (levels_.empty()) {
      startRoot(roots_[nextRoot_++]);
    } else {
      step();
    }
  }
  return std::move(batch_);
}

void LocalWalk::startRoot(const SourceRoot& root) {
  auto look = lookAtRoot(root, options_);
  if (!look) return tellError(root.name, std::move(look.error()));
  auto& entry = look->entry;
  if (excluded(options_.exclude, entry.path, entry.kind == FileKind::DIRECTORY)) return;
  if (entry.kind == FileKind::DIRECTORY) {
    auto name = std::make_shared<const WalkedFolder>(WalkedFolder{nullptr, root.path});
    return enter(std::move(entry), look->info, std::move(name));
  }
  if (entry.kind == FileKind::FILE) {
    return tellFile(std::move(entry), look->info, nullptr, root.path);
  }
  batch_.entries.push_back(std::move(entry));
}

void LocalWalk::step() {
  Level& level = levels_.back();
  errno = 0;
  const dirent* item = readdir(level.folder.get());
  if (item == nullptr) {
    if (errno != 0) tellError(level.path, localError(pathOf(level.name->parent, level.name->name), errno));
    levels_.pop_back();
    return;
  }
  std::string name = item->d_name;
  if (name != "." && name != "..") visit(name);
}

void LocalWalk::visit(const std::string& name) {
  const Level& level = levels_.back();
  std::string path = joinPath(level.path, name);
  struct stat info;
  if (!look(level, name, path, info)) return;
  LocalEntry entry = entryOf(info);
  if (excluded(options_.exclude, path, entry.kind == FileKind::DIRECTORY)) return;
  entry.path = std::move(path);
  if (entry.kind == FileKind::DIRECTORY) {
    return enter(std::move(entry), info, std::make_shared<const WalkedFolder>(WalkedFolder{level.name, name}));
  }
  if (entry.kind == FileKind::FILE) return tellFile(std::move(entry), info, level.name, name);
  bool isLink = entry.kind == FileKind::LINK;
  if (isLink && !readLinkAt(dirfd(level.folder.get()), name, entry.target)) {
    return tellError(entry.path, localError(pathOf(level.name, name), errno));
  }
  batch_.entries.push_back(std::move(entry));
}

bool LocalWalk::look(const Level& level, const std::string& name, const std::string& path, struct stat& info) {
  int folder = dirfd(level.folder.get());
  if (fstatat(folder, name.c_str(), &info, options_.followLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0) return true;
  int error = errno;
  bool vanished = error == ENOENT && fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0;
  if (vanished || excluded(options_.exclude, path, false)) return false;
  std::string local = pathOf(level.name, name);
  bool leadsNowhere = error == ENOENT || error == ELOOP || error == ENOTDIR;
  tellError(path, leadsNowhere ? localError(local, Reason::NOT_FOUND, "a symbolic link that leads nowhere")
                               : localError(local, error));
  return false;
}

void LocalWalk::tellFile(LocalEntry entry, const struct stat& info, std::shared_ptr<const WalkedFolder> folder,
                         const std::string& name) {
  entry.sameAs = hardLinks_.firstNameOf(info, entry.path);
  entry.id = files_.add({std::move(folder), name, entry.size});
  batch_.entries.push_back(std::move(entry));
}

bool LocalWalk::isAbove(const struct stat& info) const {
  return std::any_of(levels_.begin(), levels_.end(),
                     [&](const Level& level) { return level.device == info.st_dev && level.inode == info.st_ino; });
}

void LocalWalk::enter(LocalEntry entry, const struct stat& info, std::shared_ptr<const WalkedFolder> name) {
  std::string local = pathOf(name->parent, name->name);
  if (isAbove(info)) {
    return tellError(entry.path, localError(local, Reason::LOCAL_IO, "it leads back to a folder that it is in"));
  }
  if (levels_.size() == kMostLevels) {
    return tellError(entry.path, localError(local, Reason::LOCAL_IO, "too many folders within folders"));
  }
  bool isRoot = levels_.empty();
  bool follows = isRoot || options_.followLinks;  // a root that is not to be followed was told as a link
  int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW);
  int fd = openat(isRoot ? AT_FDCWD : dirfd(levels_.back().folder.get()), name->name.c_str(), flags);
  DIR* folder = fd < 0 ? nullptr : fdopendir(fd);
  int error = errno;
  std::string path = entry.path;
  batch_.entries.push_back(std::move(entry));
  if (folder == nullptr) {
    if (fd >= 0) close(fd);
    return tellError(path, localError(local, error));
  }
  levels_.push_back({OpenFolder(folder), std::move(name), path, info.st_dev, info.st_ino});
}

}  // namespace cbs::cli
