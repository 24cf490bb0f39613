#include "agentd/transfer/remote_folders.h"

#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"

#include <limits>

namespace cbs::transfer {
namespace {

using State = RemoteFolder::State;

constexpr uint32_t kOwnUse = 0700;  // what is needed to put something into it
constexpr uint32_t kAnyMode = 0777;
constexpr uint32_t kPermissions = 07777;

}  // namespace

std::optional<uint32_t> sftpTime(int64_t mtimeS) {
  if (mtimeS < 0 || mtimeS > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(mtimeS);
}

void RemoteFolders::begin() {
  RemoteFolder& top = folders_[""];
  top.mode = kOwnUse;  // it is looked at if it is of the tree itself
  switch (place_.top()) {
    case RemotePlace::Top::MADE:
      top.state = State::MADE;
      break;
    case RemotePlace::Top::ABSENT:
      top.state = State::ABSENT;
      break;
    case RemotePlace::Top::FOUND:
    case RemotePlace::Top::OUTSIDE:
      top.state = State::FOUND;
      break;
  }
}

void RemoteFolders::sawEntry(const Entry& entry) {
  if (entry.kind == Kind::DIRECTORY) {
    RemoteFolder& folder = folders_[entry.path];
    folder.cameBy = true;
    folder.wantedMode = entry.mode & kPermissions;
    folder.wantedMtimeS = entry.mtimeS;
  }
  if (!options_.deleteExtras || entry.path.empty()) return;
  RemoteFolder& parent = folders_[std::string(parentOf(entry.path))];
  if (parent.state != State::MADE) parent.seen.emplace(nameOf(entry.path));
}

void RemoteFolders::sawStanding(const std::string& path, const std::optional<Entry>& standing) {
  RemoteFolder& folder = folders_[path];
  if (folder.state == State::MADE) return;
  folder.state = !standing ? State::ABSENT : standing->kind == Kind::DIRECTORY ? State::FOUND : State::BLOCKED;
  if (!standing || folder.unlocked) return;
  folder.mode = standing->mode;
  folder.mtimeS = standing->mtimeS;
}

State RemoteFolders::state(const std::string& path) const {
  auto found = folders_.find(path);
  return found == folders_.end() ? State::UNKNOWN : found->second.state;
}

Error RemoteFolders::blocked(std::string path) const {
  while (!path.empty() && state(std::string(parentOf(path))) == State::BLOCKED) path = parentOf(path);
  const std::string place = place_.at(path);
  return remoteError(Reason::ALREADY_EXISTS, place, "is not a folder");
}

Task<Expected<RemoteFolder*>> RemoteFolders::real(std::string path) {
  RemoteFolder& folder = folders_[path];
  if (folder.isThere()) co_return &folder;
  if (folder.state == State::BLOCKED) co_return fail(blocked(path));
  if (path.empty()) co_return fail(remoteError(Reason::NOT_FOUND, place_.path()));
  auto parent = co_await real(std::string(parentOf(path)));
  if (!parent && state(std::string(parentOf(path))) == State::BLOCKED) folder.state = State::BLOCKED;
  if (!parent) co_return fail(parent.error());
  auto there = co_await streams_.first().linkStat(place_.at(path));
  if (!there && there.error().reason == Reason::NOT_FOUND) sawStanding(path, std::nullopt);
  if (!there) co_return fail(there.error());
  sawStanding(path, remoteEntry("", *there));
  if (!folder.isThere()) co_return fail(blocked(path));
  co_return &folder;
}

Task<Expected<RemoteFolder*>> RemoteFolders::forWriting(std::string path) {
  auto folder = co_await real(path);
  if (!folder) co_return folder;
  (*folder)->changed = true;
  const bool locked = (*folder)->state == State::FOUND && ((*folder)->mode & kOwnUse) != kOwnUse;
  if (locked && !(*folder)->unlocked) co_await unlock(path);
  co_return folder;
}

// If the server does not let us, the next request tells what is wrong.
Task<void> RemoteFolders::unlock(std::string path) {
  auto pass = co_await unlocking_.enter();
  RemoteFolder& folder = folders_[path];
  if (folder.unlocked) co_return;
  ssh::SftpAttributes attributes;
  attributes.mode = folder.mode | kOwnUse;
  auto set = co_await streams_.first().setAttributes(place_.at(path), attributes);
  folder.unlocked = set.has_value();
}

Task<Expected<void>> RemoteFolders::make(Entry entry) {
  sawEntry(entry);
  if (entry.path.empty() && state("") == State::FOUND) {
    auto there = co_await streams_.first().stat(place_.at(""));
    if (!there) co_return fail(there.error());
    sawStanding("", remoteEntry("", *there));
  }
  if (entry.path.empty() && state("") == State::MADE) co_return co_await learnMode("");
  if (folders_[entry.path].isThere()) co_return {};
  if (state(entry.path) == State::BLOCKED) co_return fail(blocked(entry.path));
  co_return co_await makeAbsent(entry);
}

Task<Expected<void>> RemoteFolders::makeAbsent(Entry entry) {
  auto parent = co_await forWriting(std::string(parentOf(entry.path)));
  if (!parent) co_return fail(parent.error());
  auto& sftp = streams_.first();
  const std::string path = place_.at(entry.path);
  RemoteFolder& folder = folders_[entry.path];
  auto made = co_await sftp.makeDirectory(path, (entry.mode & kAnyMode) | kOwnUse);
  if (!made) {
    auto there = co_await real(entry.path);
    if (there) co_return {};
    if (folder.state == State::BLOCKED) co_return fail(there.error());
    co_return fail(co_await explainWriting(sftp, kj::mv(made.error()), path, 0));
  }
  folder.state = State::MADE;
  folder.changed = true;
  co_return co_await learnMode(entry.path);
}

// What the mode of a folder that was made is to be depends on what the server's umask has left of it.
Task<Expected<void>> RemoteFolders::learnMode(std::string path) {
  RemoteFolder& folder = folders_[path];
  if (options_.preserve || (folder.wantedMode & kOwnUse) == kOwnUse) co_return {};
  auto there = co_await streams_.first().linkStat(place_.at(path));
  if (!there) co_return fail(there.error());
  folder.mode = remoteEntry("", *there).mode;
  co_return {};
}

// What a folder does not have yet.
ssh::SftpAttributes RemoteFolders::missing(const RemoteFolder& folder) const {
  ssh::SftpAttributes attributes;
  const bool made = folder.state == State::MADE;
  if (folder.unlocked) attributes.mode = folder.mode;
  if (!folder.cameBy) return attributes;
  if (options_.preserve && (made || folder.unlocked || folder.mode != folder.wantedMode))
    attributes.mode = folder.wantedMode;
  if (!options_.preserve && made && (folder.wantedMode & kOwnUse) != kOwnUse)
    attributes.mode = folder.mode & ~(kOwnUse & ~folder.wantedMode);
  if (options_.keepsTimes() && (folder.changed || folder.mtimeS != folder.wantedMtimeS))
    attributes.mtime = sftpTime(folder.wantedMtimeS);
  return attributes;
}

Task<std::vector<PathError>> RemoteFolders::settle() {
  struct Order {
    std::string path;
    ssh::SftpAttributes attributes;
    bool ours;
  };
  std::vector<Order> orders;
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    if (!folder->second.isThere()) continue;
    auto attributes = missing(folder->second);
    const bool ours = folder->second.state == State::MADE || options_.preserve;
    if (attributes.mode || attributes.mtime) orders.push_back({folder->first, attributes, ours});
  }
  std::vector<PathError> errors;
  co_await eachAtOnce(orders.size(), kRequestsAtOnce, [&](size_t i) -> Task<void> {
    auto set = co_await streams_.first().setAttributes(place_.at(orders[i].path), orders[i].attributes);
    if (set) co_return;
    // Who may write into somebody else's folder may not give it a time, and need not care.
    if (!orders[i].ours && set.error().reason == Reason::PERMISSION_DENIED) co_return;
    errors.push_back({orders[i].path, kj::mv(set.error())});
  });
  co_return errors;
}

}  // namespace cbs::transfer
