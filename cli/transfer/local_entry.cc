#include "cli/transfer/local_entry.h"

#include <unistd.h>

#include <climits>

namespace cbs::cli {
namespace {

FileKind kindOf(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::FILE;
  if (S_ISDIR(mode)) return FileKind::DIRECTORY;
  return S_ISLNK(mode) ? FileKind::LINK : FileKind::OTHER;
}

}  // namespace

LocalEntry entryOf(const struct stat& info) {
  LocalEntry entry;
  entry.kind = kindOf(info.st_mode);
  if (entry.kind == FileKind::FILE) entry.size = static_cast<uint64_t>(info.st_size);
  entry.mode = info.st_mode & 07777;
  entry.mtimeS = info.st_mtim.tv_sec;
  return entry;
}

LocalEntry entryOf(schema::FileEntry::Reader from) {
  return {.path = textOf(from.getPath()),
          .kind = from.getKind(),
          .size = from.getSize(),
          .mode = from.getMode() & 07777,
          .mtimeS = from.getMtimeS(),
          .id = from.getId(),
          .target = textOf(from.getTarget()),
          .sameAs = textOf(from.getSameAs())};
}

void encode(const LocalEntry& entry, schema::FileEntry::Builder to) {
  to.setPath(bytesOf(entry.path));
  to.setKind(entry.kind);
  to.setSize(entry.size);
  to.setMode(entry.mode);
  to.setMtimeS(entry.mtimeS);
  to.setId(entry.id);
  if (!entry.target.empty()) to.setTarget(bytesOf(entry.target));
  if (!entry.sameAs.empty()) to.setSameAs(bytesOf(entry.sameAs));
}

bool readLinkAt(int folder, const std::string& name, std::string& target) {
  char buffer[PATH_MAX];
  ssize_t length = readlinkat(folder, name.c_str(), buffer, sizeof(buffer));
  if (length < 0) return false;
  target.assign(buffer, static_cast<size_t>(length));
  return true;
}

}  // namespace cbs::cli
