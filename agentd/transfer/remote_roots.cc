#include "agentd/transfer/remote_roots.h"

#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_glob.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"

#include <algorithm>
#include <iterator>

namespace cbs::transfer {
namespace {

constexpr size_t kAtOnce = 32;

// `contents`: what is in the folder was asked for, and not the folder.
Task<Expected<RemoteRoot>> rootAt(ssh::Sftp& sftp, const Options& options, RemoteMatch match, bool contents) {
  bool follow = contents || options.followLinks || !options.recursive;
  if (match.attributes.isLink() && follow) {
    auto attributes = co_await sftp.stat(match.path);
    if (!attributes) co_return fail(kj::mv(attributes.error()));
    match.attributes = *attributes;
  }
  RemoteRoot root{match.path, remoteEntry(contents ? "" : std::string(nameOf(match.path)), match.attributes), ""};
  bool folder = root.entry.kind == Kind::DIRECTORY;
  if (contents && !folder) co_return fail(remoteError(Reason::NOT_FOUND, match.path, "is not a folder"));
  if (folder && !options.recursive) co_return fail(remoteError(Reason::IS_DIRECTORY, match.path, "is a folder"));
  if (root.entry.kind == Kind::LINK) {
    auto target = co_await sftp.readLink(match.path);
    if (!target) co_return fail(kj::mv(target.error()));
    root.entry.target = kj::mv(*target);
  }
  if (folder && options.followLinks) {
    auto real = co_await sftp.realPath(match.path);
    if (!real) co_return fail(kj::mv(real.error()));
    root.real = kj::mv(*real);
  }
  co_return root;
}

Task<Expected<RemoteRoots>> rootsOf(ssh::Sftp& sftp, Closing& closing, const Options& options, std::string path) {
  RemoteRoots found;
  auto matches = co_await findRemote(sftp, closing, path);
  if (!matches) {
    if (endsAll(matches.error())) co_return fail(kj::mv(matches.error()));
    found.errors.push_back({path, kj::mv(matches.error())});
    co_return found;
  }
  bool slash = !path.empty() && path.back() == '/';
  auto start = [&](size_t i) {
    const RemoteMatch& match = (*matches)[i];
    return rootAt(sftp, options, match, slash || !isEntryName(nameOf(match.path)));
  };
  auto roots = co_await sideBySide<Expected<RemoteRoot>>(matches->size(), kAtOnce, start);
  for (size_t i = 0; i < roots.size(); ++i) {
    if (roots[i]) {
      found.roots.push_back(kj::mv(*roots[i]));
    } else if (endsAll(roots[i].error())) {
      co_return fail(kj::mv(roots[i].error()));
    } else {
      found.errors.push_back({matches->size() == 1 ? path : (*matches)[i].path, kj::mv(roots[i].error())});
    }
  }
  co_return found;
}

// A command on the host, as one that computes digests, need not begin where SFTP does.
Task<Expected<void>> makeAbsolute(ssh::Sftp& sftp, std::vector<RemoteRoot>& roots) {
  auto isRelative = [](const RemoteRoot& root) { return !root.path.starts_with('/'); };
  if (std::none_of(roots.begin(), roots.end(), isRelative)) co_return {};
  auto home = co_await sftp.realPath(".");
  if (!home && endsAll(home.error())) co_return fail(kj::mv(home.error()));
  if (!home) co_return {};
  for (auto& root : roots) {
    if (isRelative(root)) root.path = root.path == "." ? *home : joinPath(*home, root.path);
  }
  co_return {};
}

}  // namespace

std::string RemoteRoot::pathOf(const std::string& entryPath) const {
  std::string_view below = entry.path.empty() ? std::string_view(entryPath) : belowRoot(entryPath);
  return below.empty() ? path : joinPath(path, below);
}

Task<Expected<RemoteRoots>> findRoots(ssh::Sftp& sftp, Closing& closing, std::vector<std::string> paths,
                                      const Options& options) {
  auto start = [&](size_t i) { return rootsOf(sftp, closing, options, paths[i]); };
  auto parts = co_await sideBySide<Expected<RemoteRoots>>(paths.size(), kAtOnce, start);
  RemoteRoots all;
  for (auto& part : parts) {
    if (!part) co_return fail(kj::mv(part.error()));
    for (auto& root : part->roots) {
      if (root.entry.kind == Kind::FILE) root.entry.id = all.roots.size();
      all.roots.push_back(kj::mv(root));
    }
    std::move(part->errors.begin(), part->errors.end(), std::back_inserter(all.errors));
  }
  auto placed = co_await makeAbsolute(sftp, all.roots);
  if (!placed) co_return fail(kj::mv(placed.error()));
  co_return all;
}

}  // namespace cbs::transfer
