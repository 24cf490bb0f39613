#include "agentd/transfer/remote_make.h"

#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_path.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/temporary_name.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

Task<Expected<void>> link(RemoteTarget& target, const Entry& entry, std::string path) {
  auto& sftp = target.streams.first();
  if (entry.sameAs.empty()) return sftp.makeLink(kj::mv(path), entry.target);
  return sftp.makeHardLink(target.place.at(entry.sameAs), kj::mv(path));
}

// In the place of what is there, at once.
Task<Expected<void>> replaceByLink(RemoteTarget& target, const Entry& entry, std::string path) {
  auto& sftp = target.streams.first();
  const std::string temporary = joinPath(folderOf(path), temporaryName(nameOf(path)));
  target.temporaries.insert(temporary);
  auto made = co_await link(target, entry, temporary);
  if (made) made = co_await sftp.rename(temporary, path);
  // Two names of one file are left as they are by a rename.
  if (!made || !entry.sameAs.empty()) co_await sftp.remove(temporary);
  if (!sftp.broken()) target.temporaries.erase(temporary);
  if (made) co_return {};
  co_return fail(co_await explainPlacing(sftp, aboutTarget(kj::mv(made.error()), temporary, path), path));
}

Task<Expected<void>> makeLink(RemoteTarget& target, const Entry& entry) {
  auto taken = target.check(entry.path);
  if (taken && !entry.sameAs.empty()) taken = target.check(entry.sameAs);
  if (!taken) co_return taken;
  target.folders.sawEntry(entry);
  auto folder = co_await target.folders.forWriting(std::string(parentOf(entry.path)));
  if (folder && !entry.sameAs.empty()) {
    auto other = co_await target.folders.real(std::string(parentOf(entry.sameAs)));
    if (!other) co_return fail(other.error());
  }
  if (!folder) co_return fail(folder.error());
  const std::string path = target.place.at(entry.path);
  auto made = co_await link(target, entry, path);
  if (made || made.error().reason != Reason::REMOTE_IO || target.streams.first().broken()) co_return made;
  auto there = co_await target.streams.first().linkStat(path);
  if (there) co_return co_await replaceByLink(target, entry, path);
  co_return fail(co_await explainWriting(target.streams.first(), kj::mv(made.error()), path, 0));
}

Task<Expected<void>> makeOne(RemoteTarget& target, const Entry& entry) {
  if (entry.kind == Kind::LINK || !entry.sameAs.empty()) return makeLink(target, entry);
  if (target.place.takes(entry.path) && entry.kind == Kind::DIRECTORY) return target.folders.make(entry);
  return [](std::string path) -> Task<Expected<void>> {
    co_return fail(remoteError(Reason::REMOTE_IO, path, "cannot be made"));
  }(entry.path);
}

size_t depthOf(const Entry& entry) {
  if (entry.path.empty()) return 0;
  return 1 + static_cast<size_t>(std::count(entry.path.begin(), entry.path.end(), '/'));
}

}  // namespace

// Level by level, as nothing may be put into what turns out to be a link.
Task<std::vector<Expected<void>>> makeAll(RemoteTarget& target, std::vector<Entry> entries) {
  std::vector<Expected<void>> results(entries.size());
  std::vector<std::vector<size_t>> levels;
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t depth = depthOf(entries[i]);
    if (levels.size() <= depth) levels.resize(depth + 1);
    levels[depth].push_back(i);
  }
  for (const auto& level : levels) {
    co_await eachAtOnce(level.size(), kRequestsAtOnce, [&](size_t n) -> Task<void> {
      results[level[n]] = co_await makeOne(target, entries[level[n]]);
    });
  }
  co_return results;
}

}  // namespace cbs::transfer
