#include "common/socket_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cbs {
namespace {

constexpr size_t kDeepest = 256;  // folders on the way to the root

bool othersMayWrite(mode_t mode) { return (mode & (S_IWGRP | S_IWOTH)) != 0; }

kj::AutoCloseFd openParent(int folder) {
  return kj::AutoCloseFd(openat(folder, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// Goes up by handles, so that no link and no renaming on the way can deceive. Empty if it cannot be told.
std::vector<FolderState> wayUp(int folder) {
  std::vector<FolderState> way;
  struct stat here;
  if (fstat(folder, &here) != 0) return {};
  way.push_back({here.st_uid, here.st_mode});
  kj::AutoCloseFd handle;
  while (way.size() < kDeepest) {
    auto above = openParent(handle == nullptr ? folder : handle.get());
    struct stat info;
    if (above == nullptr || fstat(above, &info) != 0) return {};
    if (info.st_dev == here.st_dev && info.st_ino == here.st_ino) return way;
    way.push_back({info.st_uid, info.st_mode});
    here = info;
    handle = kj::mv(above);
  }
  return {};
}

}  // namespace

bool isTrusted(uid_t uid) { return uid == geteuid() || uid == 0; }

tl::unexpected<Error> refuseSocket(Reason reason, const std::string& path, std::string detail) {
  return fail(Error{ErrorKind::AGENT_UNREACHABLE, reason, std::move(detail)}.with("socket", path));
}

tl::unexpected<Error> refuseSocketErrno(const std::string& path, const std::string& what, int error) {
  bool denied = error == EACCES || error == EPERM;
  bool absent = error == ENOENT || error == ENOTDIR;
  return refuseSocket(denied   ? Reason::PEER_REFUSED
                      : absent ? Reason::NOT_RUNNING
                               : Reason::UNSPECIFIED,
                      path, what + ": " + systemMessage(error));
}

std::string folderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string nameIn(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool isServiceFolder(const std::vector<FolderState>& way, uid_t user) {
  if (way.empty() || way.front().owner != user || othersMayWrite(way.front().mode)) return false;
  return std::all_of(way.begin() + 1, way.end(),
                     [](const FolderState& above) { return above.owner == 0 && !othersMayWrite(above.mode); });
}

bool mayServe(int handle, uid_t user) { return isServiceFolder(wayUp(handle), user); }

Expected<kj::AutoCloseFd> openSocketFolder(const std::string& socketPath, SocketSide side) {
  std::string folder = folderOf(socketPath);
  int fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return refuseSocketErrno(socketPath, folder, errno);
  kj::AutoCloseFd handle(fd);
  struct stat info;
  struct stat link;
  if (fstat(fd, &info) < 0 || lstat(folder.c_str(), &link) < 0) return refuseSocketErrno(socketPath, folder, errno);
  bool isService = side == SocketSide::CALLER && !isTrusted(info.st_uid) && mayServe(fd, info.st_uid);
  for (uid_t owner : {info.st_uid, link.st_uid}) {
    if (isTrusted(owner) || (isService && owner == info.st_uid)) continue;
    return refuseSocket(Reason::PEER_REFUSED, socketPath, folder + " belongs to uid " + std::to_string(owner));
  }
  if (othersMayWrite(info.st_mode) && !(info.st_mode & S_ISVTX)) {
    return refuseSocket(Reason::PEER_REFUSED, socketPath,
                        "others may write to " + folder + " (chmod go-w " + folder + ")");
  }
  return handle;
}

}  // namespace cbs
