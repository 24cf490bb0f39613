#include "cli/transfer/local_tree.h"

#include "cli/transfer/local_error.h"
#include "common/entry_path.h"
#include "common/temporary_name.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

bool isFolderAt(const Spot& spot) {
  struct stat info;
  return fstatat(spot.folder, spot.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

Error failure(const Spot& spot) {
  bool folder = errno == EEXIST || errno == EISDIR || errno == ENOTDIR;
  return localError(spot.local, folder && isFolderAt(spot) ? EISDIR : errno);
}

// Puts what stands under a temporary name in its place.
Expected<void> moveInto(const Spot& spot, const std::string& temporary) {
  bool moved = renameat(spot.folder, temporary.c_str(), spot.folder, spot.name.c_str()) == 0;
  if (moved) return {};
  auto error = failure(spot);
  unlinkat(spot.folder, temporary.c_str(), 0);
  return fail(std::move(error));
}

}  // namespace

Expected<Spot> Spots::find(const std::string& entryPath) {
  auto path = place_.below(entryPath);
  if (!path) return fail(badPath(entryPath));
  std::string local = place_.absolute(*path);
  if (place_.folder() < 0) return fail(localError(local, ENOENT));
  int folder = folders_.at(std::string(parentOf(*path)));
  if (folder < 0) return fail(localError(local, errno));
  return Spot{folder, path->empty() ? "." : std::string(cbs::nameOf(*path)), std::move(local)};
}

Expected<Spot> Spots::findFile(const std::string& entryPath) {
  if (entryPath.empty()) return fail(badPath(entryPath));
  return find(entryPath);
}

Expected<void> makeSymbolicLink(const Spot& spot, const LocalEntry& entry, const WriteRules& rules) {
  if (entry.target.find('\0') != std::string::npos) return fail(localError(spot.local, EINVAL));
  std::string temporary = temporaryName(spot.name);
  if (symlinkat(entry.target.c_str(), spot.folder, temporary.c_str()) < 0) return fail(localError(spot.local, errno));
  // Some file systems keep no times of links.
  if (rules.keepsTimes) {
    utimensat(spot.folder, temporary.c_str(), FileTimes(entry.mtimeS).values, AT_SYMLINK_NOFOLLOW);
  }
  return moveInto(spot, temporary);
}

}  // namespace cbs::cli
