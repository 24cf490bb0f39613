#include "agentd/transfer/remote_target.h"

#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "common/entry_path.h"

#include <utility>

namespace cbs::transfer {
namespace {

constexpr uint32_t kAnyMode = 0777;

}  // namespace

void RecentModes::note(const std::string& path, Mode mode) {
  if (newer_.size() >= kKept) older_ = std::exchange(newer_, {});
  newer_[path] = mode;
}

std::optional<RecentModes::Mode> RecentModes::take(const std::string& path) {
  for (auto* modes : {&newer_, &older_}) {
    auto found = modes->find(path);
    if (found == modes->end()) continue;
    Mode mode = found->second;
    modes->erase(found);
    return mode;
  }
  return std::nullopt;
}

Expected<void> RemoteTarget::check(const std::string& entryPath) const {
  if (!entryPath.empty() && place.takes(entryPath)) return {};
  return fail(remoteError(Reason::REMOTE_IO, entryPath, "is no path of this tree"));
}

std::optional<RecentModes::Mode> RemoteTarget::standingMode(const std::string& entryPath) {
  if (options.preserve) return RecentModes::Mode();
  auto known = modes.take(entryPath);
  if (known) return known;
  if (folders.state(std::string(parentOf(entryPath))) == RemoteFolder::State::MADE) return RecentModes::Mode();
  return std::nullopt;
}

Task<RecentModes::Mode> RemoteTarget::askStandingMode(ssh::Sftp& sftp, std::string entryPath) const {
  auto there = co_await sftp.linkStat(place.at(entryPath));
  if (!there || !there->isRegular()) co_return RecentModes::Mode();
  co_return RecentModes::Mode(remoteEntry("", *there).mode & kAnyMode);
}

}  // namespace cbs::transfer
