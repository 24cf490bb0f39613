#include "cli/transfer/local_folders.h"

#include "cli/transfer/local_error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <utility>

namespace cbs::cli {
namespace {

constexpr mode_t kUsable = 0700;

// Of a folder that was there, what could not be changed is the owner's to decide.
bool matters(int error, const LocalFolders::End& end, const WriteRules& rules) {
  return end.ours || rules.preserve || error != EPERM;
}

bool changeMode(const Spot& spot, mode_t mode) {
  auto folder = openBelow(spot.folder, spot.name, O_RDONLY | O_DIRECTORY);
  if (folder != nullptr) return fchmod(folder, mode) == 0;
  // One that cannot even be read has to be changed by name.
  return fchmodat(spot.folder, spot.name.c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0;
}

int giveEnd(const Spot& spot, const LocalFolders::End& end, const WriteRules& rules) {
  if (!end.mode && !end.mtimeS && !rules.fsync) return 0;
  auto folder = openBelow(spot.folder, spot.name, O_RDONLY | O_DIRECTORY);
  if (folder == nullptr) return errno;
  if (end.mtimeS && futimens(folder, FileTimes(*end.mtimeS).values) < 0 && matters(errno, end, rules)) return errno;
  if (end.mode && fchmod(folder, *end.mode) < 0 && matters(errno, end, rules)) return errno;
  return rules.fsync && fsync(folder) < 0 ? errno : 0;
}

}  // namespace

Expected<void> LocalFolders::make(const Spot& spot, const LocalEntry& entry, const WriteRules& rules, bool isNew) {
  End end;
  if (rules.keepsTimes) end.mtimeS = entry.mtimeS;
  mode_t first = (entry.mode & 0777) | kUsable;
  end.ours = mkdirat(spot.folder, spot.name.c_str(), first) == 0;
  if (!end.ours && errno != EEXIST) return fail(localError(spot.local, errno));
  end.ours = end.ours || isNew;
  struct stat info;
  if (fstatat(spot.folder, spot.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail(localError(spot.local, errno));
  }
  if (!S_ISDIR(info.st_mode)) return fail(localError(spot.local, ENOTDIR));
  mode_t now = info.st_mode & 07777;
  mode_t own = now;  // that it had before it was made usable
  if (auto before = all_.find(entry.path); before != all_.end()) {
    end.ours = end.ours || before->second.ours;
    own = before->second.mode.value_or(now);
  }
  mode_t last = end.ours || rules.preserve ? rules.modeOf(entry) : own;
  if (end.ours && !rules.preserve)
    last |= own & 07000;  // a folder's group, if it is handed down, is the system's to say
  bool usable = (now & kUsable) == kUsable || changeMode(spot, now | kUsable);
  if (last != now || (usable && (now & kUsable) != kUsable)) end.mode = last;
  all_.insert_or_assign(entry.path, end);
  return {};
}

bool LocalFolders::finishSome(const LocalPlace& place, const WriteRules& rules, Portion& portion,
                              std::vector<LocalPathError>& errors) {
  Spots spots(place);
  auto next = std::make_reverse_iterator(finished_ ? all_.lower_bound(*finished_) : all_.end());
  for (; next != all_.rend(); ++next) {
    if (!portion.take()) return false;
    const auto& [path, end] = *next;
    finished_ = path;
    auto spot = spots.find(path);
    if (!spot) {
      errors.push_back({path, std::move(spot.error())});
    } else if (int error = giveEnd(*spot, end, rules)) {
      errors.push_back({path, localError(spot->local, error)});
    }
  }
  return finishTop(place, rules, errors);
}

bool LocalFolders::finishTop(const LocalPlace& place, const WriteRules& rules, std::vector<LocalPathError>& errors) {
  if (!rules.fsync || std::exchange(done_, true)) return true;
  auto top = openBelow(place.folder(), "", O_RDONLY | O_DIRECTORY);
  if (top == nullptr || fsync(top) < 0) errors.push_back({"", localError(place.absolute(""), errno)});
  return true;
}

}  // namespace cbs::cli
