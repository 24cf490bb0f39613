// What is in a tree of this machine, and how it crosses to the daemon and back.
#pragma once

#include "cli/bytes.h"
#include "schema/transfer.capnp.h"

#include <sys/stat.h>

#include <string>

namespace cbs::cli {

using schema::FileKind;

struct LocalEntry {
  std::string path;
  FileKind kind = FileKind::FILE;
  uint64_t size = 0;
  uint32_t mode = 0;   // permission bits, 07777
  int64_t mtimeS = 0;  // seconds since 1970
  uint64_t id = 0;
  std::string target = {};
  std::string sameAs = {};
};

// All but path, id, target and sameAs.
LocalEntry entryOf(const struct stat& info);

LocalEntry entryOf(schema::FileEntry::Reader from);
void encode(const LocalEntry& entry, schema::FileEntry::Builder to);

// What a link leads to. False: see errno.
bool readLinkAt(int folder, const std::string& name, std::string& target);

}  // namespace cbs::cli
