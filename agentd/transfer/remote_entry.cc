#include "agentd/transfer/remote_entry.h"

#include <sys/stat.h>

#include <utility>

namespace cbs::transfer {
namespace {

constexpr uint32_t kPermissions = 07777;

Kind kindOf(const ssh::SftpAttributes& attributes) {
  if (attributes.isDirectory()) return Kind::DIRECTORY;
  if (attributes.isLink()) return Kind::LINK;
  return attributes.isRegular() ? Kind::FILE : Kind::OTHER;
}

}  // namespace

bool hasType(const ssh::SftpAttributes& attributes) { return attributes.mode && (*attributes.mode & S_IFMT) != 0; }

Entry remoteEntry(std::string path, const ssh::SftpAttributes& attributes, uint64_t id) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = kindOf(attributes);
  entry.mode = attributes.mode.value_or(0) & kPermissions;
  entry.mtimeS = attributes.mtime.value_or(0);
  if (entry.kind != Kind::FILE) return entry;
  entry.size = attributes.size.value_or(0);
  entry.id = id;
  return entry;
}

}  // namespace cbs::transfer
