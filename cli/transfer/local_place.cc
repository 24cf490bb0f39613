#include "cli/transfer/local_place.h"

#include "cli/transfer/local_error.h"
#include "common/entry_path.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>

namespace cbs::cli {
namespace {

std::string withoutSlashes(std::string path) {
  if (path.empty()) return ".";
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string folderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string absoluteOf(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string absolute = real;
  free(real);
  return absolute;
}

}  // namespace

struct LocalPlace::Wish {
  std::string path;
  bool slash;  // it has to be a folder
  const Coming& coming;

  bool namesFolder() const { return slash || coming.roots != 1 || coming.contents(); }
};

Expected<LocalPlace> LocalPlace::decide(const std::string& destination, const Coming& coming) {
  Wish wish{withoutSlashes(destination), !destination.empty() && destination.back() == '/', coming};
  struct stat info;
  if (stat(wish.path.c_str(), &info) == 0) {
    return S_ISDIR(info.st_mode) ? intoExisting(wish) : inPlaceOf(wish, info.st_mode);
  }
  if (errno != ENOENT) return fail(localError(wish.path, errno));
  if (lstat(wish.path.c_str(), &info) == 0) {
    return fail(localError(wish.path, Reason::NOT_FOUND, "a symbolic link that leads nowhere"));
  }
  bool makes = coming.roots != 1 || coming.contents() || (wish.slash && coming.first.kind == FileKind::DIRECTORY);
  return makes ? intoNew(wish) : asNew(wish);
}

Expected<LocalPlace> LocalPlace::in(const std::string& folder, std::string newName) {
  LocalPlace place;
  int fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(localError(folder, errno));
  place.folder_ = kj::AutoCloseFd(fd);
  place.folderPath_ = absoluteOf(folder);
  place.path_ = joinPath(place.folderPath_, newName);
  place.newName_ = std::move(newName);
  return place;
}

Expected<LocalPlace> LocalPlace::intoExisting(const Wish& wish) {
  auto place = in(wish.path, "");
  if (!place) return place;
  place->path_ = wish.coming.roots == 1 ? place->absolute(wish.coming.first.path) : place->folderPath_;
  return place;
}

Expected<LocalPlace> LocalPlace::inPlaceOf(const Wish& wish, mode_t mode) {
  bool isFolder = wish.namesFolder() || wish.coming.first.kind == FileKind::DIRECTORY;
  if (isFolder) return fail(localError(wish.path, Reason::ALREADY_EXISTS, "it is not a folder"));
  if (!S_ISREG(mode)) return fail(localError(wish.path, Reason::ALREADY_EXISTS, "it is not a regular file"));
  std::string real = absoluteOf(wish.path);
  return in(folderOf(real), std::string(cbs::nameOf(real)));
}

Expected<LocalPlace> LocalPlace::asNew(const Wish& wish) {
  std::string name(cbs::nameOf(wish.path));
  if (wish.slash || !isEntryName(name)) return fail(localError(wish.path, ENOENT));
  return in(folderOf(wish.path), name);
}

Expected<LocalPlace> LocalPlace::intoNew(const Wish& wish) {
  if (!wish.coming.makes) {
    auto place = in(folderOf(wish.path), std::string(cbs::nameOf(wish.path)));
    if (!place) return place;
    place->folder_ = nullptr;
    place->newName_.clear();
    place->folderPath_ = place->path_;
    if (wish.coming.roots == 1) place->path_ = place->absolute(wish.coming.first.path);
    return place;
  }
  mode_t mode = wish.coming.contents() ? (wish.coming.first.mode & 0777) | 0700 : 0777;
  if (mkdir(wish.path.c_str(), mode) < 0) return fail(localError(wish.path, errno));
  auto place = intoExisting(wish);
  if (place) place->made_ = true;
  return place;
}

std::optional<std::string> LocalPlace::below(const std::string& entryPath) const {
  if (entryPath.empty()) return newName_.empty() ? std::optional<std::string>("") : std::nullopt;
  if (!isEntryPath(entryPath)) return std::nullopt;
  if (newName_.empty()) return entryPath;
  auto rest = belowRoot(entryPath);
  return rest.empty() ? newName_ : joinPath(newName_, rest);
}

std::string LocalPlace::absolute(const std::string& below) const {
  return below.empty() ? folderPath_ : joinPath(folderPath_, below);
}

}  // namespace cbs::cli
