#include "agentd/transfer/remote_look.h"

#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"

#include <unordered_map>

namespace cbs::transfer {
namespace {

using State = RemoteFolder::State;
using Standing = Sink::Standing;

// Of a folder with more entries in a batch all names are read at once.
constexpr size_t kAskedOneByOne = 16;

constexpr uint32_t kAnyMode = 0777;

class Look {
 public:
  Look(RemoteTarget& target, std::vector<Entry> entries)
      : target_(target), entries_(kj::mv(entries)), standings_(entries_.size()) {}

  Task<std::vector<Standing>> run() {
    plan();
    co_await eachAtOnce(listed_.size() + single_.size(), kRequestsAtOnce, [this](size_t i) {
      return i < listed_.size() ? list(listed_[i]) : ask(single_[i - listed_.size()]);
    });
    for (size_t i = 0; i < entries_.size(); ++i) co_await judge(i);
    co_await readLinks();
    for (size_t i = 0; i < entries_.size(); ++i) remember(i);
    co_return kj::mv(standings_);
  }

 private:
  struct Group {
    std::string folder;
    std::vector<size_t> entries;
  };

  void plan();
  bool startsAbsent(const std::string& path, State parent) const;
  Task<void> list(const Group& group);
  Task<void> ask(size_t i);
  Task<void> judge(size_t i);
  Task<void> readLinks();
  void remember(size_t i);
  bool present(size_t i) const { return standings_[i].has_value() && standings_[i]->has_value(); }

  RemoteTarget& target_;
  std::vector<Entry> entries_;
  std::vector<Standing> standings_;
  std::vector<Group> listed_;
  std::vector<size_t> single_;
};

// What is below a folder that may only turn out to be none is asked for all the same, as that saves a round trip for
// each level. What is below one that is known not to be there needs no question.
void Look::plan() {
  std::vector<Group> groups;
  std::unordered_map<std::string, size_t> groupOf;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!target_.place.takes(entry.path)) continue;
    target_.folders.sawEntry(entry);
    if (entry.path.empty() && target_.folders.state("") == State::FOUND) single_.push_back(i);
    if (entry.path.empty()) continue;
    std::string folder(parentOf(entry.path));
    State state = target_.folders.state(folder);
    if (entry.kind == Kind::DIRECTORY && startsAbsent(entry.path, state))
      target_.folders.sawStanding(entry.path, std::nullopt);
    if (state != State::FOUND && state != State::UNKNOWN) continue;
    auto [found, isNew] = groupOf.emplace(folder, groups.size());
    if (isNew) groups.push_back({folder, {}});
    groups[found->second].entries.push_back(i);
  }
  for (auto& group : groups) {
    if (group.entries.size() > kAskedOneByOne) {
      listed_.push_back(kj::mv(group));
    } else {
      single_.insert(single_.end(), group.entries.begin(), group.entries.end());
    }
  }
}

// A root that gets a new name has one that nothing has.
bool Look::startsAbsent(const std::string& path, State parent) const {
  if (parent == State::MADE || parent == State::ABSENT) return true;
  return target_.place.top() == RemotePlace::Top::OUTSIDE && parentOf(path).empty();
}

Task<void> Look::list(const Group& group) {
  auto listing = co_await target_.listings.of(target_.streams.first(), target_.place.at(group.folder));
  if (listing == nullptr) {
    co_await eachAtOnce(group.entries.size(), kRequestsAtOnce, [&](size_t i) { return ask(group.entries[i]); });
    co_return;
  }
  std::vector<size_t> unknown;
  for (size_t i : group.entries) {
    auto found = listing->names.find(std::string(nameOf(entries_[i].path)));
    if (found == listing->names.end()) continue;
    standings_[i] = found->second;
    if (!found->second) unknown.push_back(i);
  }
  co_await eachAtOnce(unknown.size(), kRequestsAtOnce, [&](size_t i) { return ask(unknown[i]); });
}

Task<void> Look::ask(size_t i) {
  auto& sftp = target_.streams.first();
  const std::string path = target_.place.at(entries_[i].path);
  auto there = co_await (entries_[i].path.empty() ? sftp.stat(path) : sftp.linkStat(path));
  if (there) {
    standings_[i] = std::optional(remoteEntry("", *there));
  } else if (there.error().reason != Reason::NOT_FOUND) {
    standings_[i] = fail(kj::mv(there.error()));
  }
}

// Nothing is in a place that only a link leads to. A folder has come by, and was judged, before what is in it.
Task<void> Look::judge(size_t i) {
  const Entry& entry = entries_[i];
  if (!target_.place.takes(entry.path)) {
    standings_[i] = fail(remoteError(Reason::REMOTE_IO, entry.path, "is no path of this tree"));
    co_return;
  }
  const bool isFolder = entry.kind == Kind::DIRECTORY;
  if (isFolder && target_.folders.state(entry.path) == State::MADE) {
    Entry made = entry;
    made.path.clear();
    standings_[i] = std::optional(made);
    co_return;
  }
  if (!entry.path.empty()) {
    const std::string parent(parentOf(entry.path));
    if (target_.folders.state(parent) == State::UNKNOWN) co_await target_.folders.real(parent);
    if (target_.folders.state(parent) == State::ABSENT) standings_[i] = std::optional<Entry>();
    if (target_.folders.state(parent) == State::BLOCKED) {
      auto there = co_await target_.folders.real(parent);
      if (!there) standings_[i] = fail(there.error());
    }
  }
  if (isFolder && standings_[i]) target_.folders.sawStanding(entry.path, *standings_[i]);
}

Task<void> Look::readLinks() {
  std::vector<size_t> links;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind == Kind::LINK && present(i) && (*standings_[i])->kind == Kind::LINK) links.push_back(i);
  }
  co_await eachAtOnce(links.size(), kRequestsAtOnce, [&](size_t n) -> Task<void> {
    const size_t i = links[n];
    auto read = co_await target_.streams.first().readLink(target_.place.at(entries_[i].path));
    if (read) (*standings_[i])->target = kj::mv(*read);
  });
}

// A file that is replaced keeps its mode, which therefore will be asked for again.
void Look::remember(size_t i) {
  if (entries_[i].kind != Kind::FILE || target_.options.preserve || !standings_[i]) return;
  if (target_.folders.state(std::string(parentOf(entries_[i].path))) == State::MADE) return;
  const bool isFile = present(i) && (*standings_[i])->kind == Kind::FILE;
  target_.modes.note(entries_[i].path, isFile ? RecentModes::Mode((*standings_[i])->mode & kAnyMode) : std::nullopt);
}

}  // namespace

Task<std::vector<Standing>> lookAt(RemoteTarget& target, std::vector<Entry> entries) {
  Look look(target, kj::mv(entries));
  co_return co_await look.run();
}

}  // namespace cbs::transfer
