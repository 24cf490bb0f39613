#include "agentd/telemetry/disk_room.h"

#include <sys/statvfs.h>

#include <cerrno>

namespace cbs::telemetry {
namespace {

std::string parentOf(const std::string& folder) {
  auto slash = folder.rfind('/');
  if (slash == std::string::npos) return "";
  return slash == 0 && folder.size() > 1 ? "/" : folder.substr(0, slash);
}

}  // namespace

DiskRoom roomAt(std::string folder) {
  struct statvfs disk = {};
  for (; !folder.empty(); folder = parentOf(folder)) {
    if (statvfs(folder.c_str(), &disk) == 0) return {disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize};
    if (errno != ENOENT) break;
  }
  return {};
}

}  // namespace cbs::telemetry
