#include "agentd/transfer/remote_place.h"

#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_path.h"
#include "common/entry_path.h"

namespace cbs::transfer {
namespace {

constexpr uint32_t kAnyMode = 0777;
constexpr uint32_t kOwnUse = 0700;

}  // namespace

// The destination, and what was found there.
struct RemotePlace::Asked {
  std::string path;    // as it was given, but for slashes at its end
  bool slash = false;  // it had some
  std::string real;    // absolute
  bool present = false;
  ssh::SftpAttributes attributes = {};
};

Expected<RemotePlace> RemotePlace::decide(const Asked& asked, const Roots& roots) {
  RemotePlace place;
  place.base_ = asked.real;
  place.path_ = asked.real;
  // Of several roots any may be the contents of a folder.
  place.contents_ = roots.count > 1 || roots.first.path.empty();
  const bool one = !place.contents_;
  const bool directory = roots.first.kind == Kind::DIRECTORY;
  if (asked.present && asked.attributes.isDirectory()) {
    if (one) place.path_ = place.at(roots.first.path);
    return place;
  }
  if (asked.present) {
    if (!asked.attributes.isRegular())
      return fail(remoteError(Reason::ALREADY_EXISTS, asked.real, "is not a regular file"));
    if (!one || directory || asked.slash)
      return fail(remoteError(Reason::ALREADY_EXISTS, asked.real, "is not a folder"));
  }
  if (one && (asked.present || !asked.slash)) {
    place.renamed_ = roots.first.path;
    place.top_ = Top::OUTSIDE;
    return place;
  }
  if (one && !directory) return fail(remoteError(Reason::NOT_FOUND, asked.real));
  if (one) place.path_ = place.at(roots.first.path);
  place.top_ = Top::ABSENT;
  return place;
}

Task<Expected<RemotePlace>> RemotePlace::find(ssh::Sftp& sftp, std::string destination, Roots roots, bool dryRun) {
  if (!roots.first.path.empty() && !isEntryName(roots.first.path))
    co_return fail(remoteError(Reason::REMOTE_IO, destination, roots.first.path + " is no name for a file"));
  Asked asked;
  asked.slash = destination.size() > 1 && destination.back() == '/';
  asked.path = withoutSlashes(fromHome(destination));
  auto stating = sftp.stat(asked.path);
  auto resolving = sftp.realPath(asked.path);
  auto there = co_await stating;
  auto real = co_await resolving;
  if (!there && there.error().reason != Reason::NOT_FOUND) co_return fail(there.error());
  if (!real) co_return fail(real.error());
  asked.real = *real;
  asked.present = there.has_value();
  if (there) {
    asked.attributes = *there;
  } else {
    auto parent = co_await sftp.stat(folderOf(asked.real));
    if (!parent) co_return fail(parent.error());
  }
  auto place = decide(asked, roots);
  if (!place || place->top_ != Top::ABSENT || dryRun) co_return place;
  const bool contents = roots.count == 1 && roots.first.path.empty();
  const uint32_t mode = contents ? (roots.first.mode & kAnyMode) | kOwnUse : kAnyMode;
  auto made = co_await sftp.makeDirectory(asked.real, mode);
  if (!made) co_return fail(made.error());
  place->top_ = Top::MADE;
  co_return place;
}

std::string RemotePlace::at(std::string_view entryPath) const {
  if (!renamed_.empty()) entryPath = belowRoot(entryPath);
  return entryPath.empty() ? base_ : joinPath(base_, entryPath);
}

bool RemotePlace::takes(std::string_view entryPath) const {
  if (entryPath.empty()) return contents_;
  if (!isEntryPath(entryPath)) return false;
  return renamed_.empty() || entryPath.substr(0, entryPath.find('/')) == renamed_;
}

}  // namespace cbs::transfer
