#include "agentd/transfer/remote_extras.h"

#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"
#include "common/temporary_name.h"

#include <algorithm>
#include <utility>

namespace cbs::transfer {
namespace {

constexpr size_t kInPart = 1'000;
constexpr size_t kBranches = 8;
constexpr size_t kFilesAtOnce = 64;
constexpr unsigned kReadsAtOnce = 8;

const std::set<std::string> kNothingSeen;

}  // namespace

struct RemoteExtras::Level {
  Level(RemoteTarget& target, Closing& closing, std::string folder, const std::set<std::string>& seen, bool ofTree)
      : folder(folder), seen(seen), ofTree(ofTree), reader(target.streams.first(), closing, target.place.at(folder)) {}

  const std::string folder;
  const std::set<std::string>& seen;
  const bool ofTree;  // and so it stays
  FolderReader reader;
  bool read = false;
  std::vector<ssh::SftpName> names;  // not sorted yet
  std::vector<std::string> files;
  std::vector<std::string> folders;
  bool spared = false;  // something has to stay
  size_t removed = 0;
};

RemoteExtras::RemoteExtras(RemoteTarget& target) : target_(target), next_(target.folders.all().begin()) {}
RemoteExtras::~RemoteExtras() noexcept(false) = default;

Task<bool> RemoteExtras::deleteSome(Sink::Finished& finished) {
  finished_ = &finished;
  branches_.resize(kBranches);
  co_await eachAtOnce(branches_.size(), branches_.size(), [&](size_t i) -> Task<void> {
    Branch& branch = branches_[i];
    while (finished.deleted.size() + finished.errors.size() < kInPart && !sftp().broken()) {
      if (branch.empty() && !takeFolder(branch)) co_return;
      co_await step(branch);
    }
  });
  const bool idle =
      std::all_of(branches_.begin(), branches_.end(), [](const Branch& branch) { return branch.empty(); });
  co_return sftp().broken() || (idle && next_ == target_.folders.all().end());
}

// Begins with the next folder of the tree. False: there is none.
bool RemoteExtras::takeFolder(Branch& branch) {
  for (; next_ != target_.folders.all().end(); ++next_) {
    const auto& [path, folder] = *next_;
    if (!folder.cameBy || folder.state != RemoteFolder::State::FOUND) continue;
    enter(branch, path, folder.seen, true);
    ++next_;
    return true;
  }
  return false;
}

void RemoteExtras::enter(Branch& branch, std::string folder, const std::set<std::string>& seen, bool ofTree) {
  branch.push_back(kj::heap<Level>(target_, closing_, kj::mv(folder), seen, ofTree));
}

Task<void> RemoteExtras::step(Branch& branch) {
  Level& level = *branch.back();
  if (!level.files.empty()) return removeFiles(level);
  if (!level.folders.empty()) {
    std::string folder = kj::mv(level.folders.back());
    level.folders.pop_back();
    enter(branch, kj::mv(folder), kNothingSeen, false);
    return readOn(*branch.back());
  }
  if (!level.names.empty()) return sort(level);
  return level.read ? leave(branch) : readOn(level);
}

Task<void> RemoteExtras::readOn(Level& level) {
  auto names = co_await level.reader.next(kReadsAtOnce);
  level.read = !names || !*names;
  if (!names) level.spared = !told(level.folder, fail(kj::mv(names.error())));
  if (!level.read) level.names = kj::mv(**names);
}

Task<void> RemoteExtras::sort(Level& level) {
  auto names = std::exchange(level.names, {});
  co_await eachAtOnce(names.size(), kFilesAtOnce, [&](size_t i) { return sortOne(level, kj::mv(names[i])); });
}

Task<void> RemoteExtras::sortOne(Level& level, ssh::SftpName name) {
  if (level.seen.count(name.name) != 0) co_return;
  std::string path = joinPath(level.folder, name.name);
  const bool known = hasType(name.attributes) && !name.attributes.isDirectory();
  bool isFolder = name.attributes.isDirectory();
  // Listings of some servers tell what links lead to, or nothing.
  if (isEntryName(name.name) && !known) {
    auto there = co_await sftp().linkStat(target_.place.at(path));
    if (there) isFolder = there->isDirectory();
  }
  if (!isEntryName(name.name) || isTemporary(name.name) || excluded(target_.options.exclude, path, isFolder)) {
    level.spared = true;
  } else {
    (isFolder ? level.folders : level.files).push_back(kj::mv(path));
  }
}

Task<void> RemoteExtras::removeFiles(Level& level) {
  const size_t count = std::min(level.files.size(), kFilesAtOnce);
  const std::vector<std::string> files(level.files.end() - static_cast<ptrdiff_t>(count), level.files.end());
  level.files.resize(level.files.size() - count);
  if (level.ofTree && !target_.options.dryRun) co_await target_.folders.forWriting(level.folder);
  co_await eachAtOnce(files.size(), kFilesAtOnce, [&](size_t i) -> Task<void> {
    const bool removed = co_await removeFile(files[i]);
    if (removed) ++level.removed;
    if (!removed) level.spared = true;
  });
}

// Deletes the folder itself, which is empty now, unless it is one of the tree.
Task<void> RemoteExtras::leave(Branch& branch) {
  const std::string folder = branch.back()->folder;
  const bool ofTree = branch.back()->ofTree;
  const bool spared = branch.back()->spared;
  const bool changed = branch.back()->removed > 0;
  branch.pop_back();  // closed, as some servers delete nothing that is open
  if (ofTree) co_return;
  Level& above = *branch.back();
  above.spared = above.spared || spared;
  if (spared) co_return;
  if (above.ofTree && !target_.options.dryRun) co_await target_.folders.forWriting(above.folder);
  auto removed = co_await removeFolder(folder);
  // Some file systems leave names out while others are being deleted.
  const bool again = !removed && removed.error().reason == Reason::REMOTE_IO && changed && !sftp().broken();
  if (again) co_return enter(branch, folder, kNothingSeen, false);
  const bool gone = told(folder, kj::mv(removed));
  above.removed += gone ? 1 : 0;
  above.spared = above.spared || !gone;
}

Task<Expected<void>> RemoteExtras::removeFolder(std::string folder) {
  if (target_.options.dryRun) co_return {};
  co_return co_await sftp().removeDirectory(target_.place.at(folder));
}

Task<bool> RemoteExtras::removeFile(std::string path) {
  if (target_.options.dryRun) co_return told(path, {});
  co_return told(path, co_await sftp().remove(target_.place.at(path)));
}

bool RemoteExtras::told(const std::string& path, Expected<void> removed) {
  if (removed) {
    finished_->deleted.push_back(path);
  } else if (removed.error().reason != Reason::NOT_FOUND) {
    finished_->errors.push_back({path, kj::mv(removed.error())});
    return false;
  }
  return true;
}

}  // namespace cbs::transfer
