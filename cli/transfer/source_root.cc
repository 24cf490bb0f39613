#include "cli/transfer/source_root.h"

#include "cli/transfer/local_error.h"
#include "common/entry_path.h"

#include <fcntl.h>

#include <cerrno>

namespace cbs::cli {

SourceRoot sourceRootOf(const std::string& path) {
  auto name = cbs::nameOf(path);
  return {path, isEntryName(name) ? std::string(name) : ""};
}

bool followsRoot(const SourceRoot& root, const SourceOptions& options) {
  return !options.recursive || options.followLinks || root.name.empty();
}

Expected<RootLook> lookAtRoot(const SourceRoot& root, const SourceOptions& options) {
  RootLook look;
  bool follows = followsRoot(root, options);
  if (fstatat(AT_FDCWD, root.path.c_str(), &look.info, follows ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOTDIR) return fail(localError(root.path, Reason::NOT_FOUND, systemMessage(ENOTDIR)));
    return fail(localError(root.path, errno));
  }
  look.entry = entryOf(look.info);
  look.entry.path = root.name;
  bool folder = look.entry.kind == FileKind::DIRECTORY;
  if (folder && !options.recursive) return fail(localError(root.path, Reason::IS_DIRECTORY, "it is a folder"));
  bool linkGone = look.entry.kind == FileKind::LINK && !readLinkAt(AT_FDCWD, root.path, look.entry.target);
  if (linkGone) return fail(localError(root.path, errno));
  return look;
}

}  // namespace cbs::cli
