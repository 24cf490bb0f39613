#include "agentd/transfer/remote_walk.h"

#include "agentd/transfer/folder_reader.h"
#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cbs::transfer {
namespace {

constexpr unsigned kFoldersAtOnce = 16;
// Of all folders together; OpenSSH answers each with up to 100 names.
constexpr unsigned kReadsAtOnce = 64;
constexpr size_t kLooksAtOnce = 128;
constexpr size_t kMostInBatch = 1'000;
// So many entries are known ahead, and what is under way comes on top.
constexpr size_t kMostAhead = 12'000;
// Folders that were told and not read yet.
constexpr size_t kMostPending = 500'000;
constexpr unsigned kMostDepth = 2'000;
constexpr unsigned kMostDepthOverLinks = 100;

template <typename T>
void moveSome(std::deque<T>& from, std::vector<T>& to) {
  auto end = from.begin() + static_cast<ptrdiff_t>(std::min(from.size(), kMostInBatch));
  std::move(from.begin(), end, std::back_inserter(to));
  from.erase(from.begin(), end);
}

}  // namespace

struct RemoteWalk::Folder {
  std::string path;       // on the host
  std::string entryPath;  // in the tree
  uint64_t root;
  unsigned depth;
  // Only when links are followed, to find out about circles.
  std::string real;
  FolderPtr above;
};

struct RemoteWalk::Found {
  std::optional<Entry> entry;  // absent: it is excluded
  std::string path;
  std::string real;
};

RemoteWalk::RemoteWalk(ssh::Sftp& sftp, Closing& closing, const Options& options, const std::vector<RemoteRoot>& roots,
                       std::vector<PathError> errors)
    : sftp_(sftp),
      closing_(closing),
      options_(options),
      roots_(roots),
      errors_(std::make_move_iterator(errors.begin()), std::make_move_iterator(errors.end())),
      tasks_(*this) {}

Task<Expected<Source::Batch>> RemoteWalk::next() {
  for (;;) {
    pump();
    if (broken_) co_return fail(*broken_);
    if (!ready_.empty() || !errors_.empty() || finished()) break;
    auto pair = kj::newPromiseAndFulfiller<void>();
    consumer_ = kj::mv(pair.fulfiller);
    co_await pair.promise;
  }
  Source::Batch batch;
  moveSome(ready_, batch.entries);
  moveSome(errors_, batch.errors);
  batch.done = finished() && ready_.empty() && errors_.empty();
  makeRoom();
  pump();
  co_return batch;
}

// Starts what can be started.
void RemoteWalk::pump() {
  while (!broken_ && !full() && reading_ < kFoldersAtOnce) {
    if (!pending_.empty()) {
      auto folder = kj::mv(pending_.back());
      pending_.pop_back();
      ++reading_;
      tasks_.add(readFolder(kj::mv(folder)));
    } else if (nextRoot_ < roots_.size()) {
      tellRoot(nextRoot_++);
    } else {
      break;
    }
  }
  if (consumer_.get() != nullptr && (broken_ || !ready_.empty() || !errors_.empty() || finished()))
    consumer_->fulfill();
}

void RemoteWalk::tellRoot(size_t index) {
  const RemoteRoot& root = roots_[index];
  const Entry& entry = root.entry;
  bool folder = entry.kind == Kind::DIRECTORY;
  if (!entry.path.empty() && excluded(options_.exclude, entry.path, folder)) return;
  ready_.push_back(entry);
  if (folder) pending_.push_back(std::make_shared<Folder>(Folder{root.path, entry.path, index, 0, root.real, nullptr}));
}

Task<void> RemoteWalk::readFolder(FolderPtr folder) {
  FolderReader reader(sftp_, closing_, folder->path);
  for (;;) {
    co_await room();
    auto names = co_await reader.next(kReadsAtOnce / reading_);
    if (!names) note(folder->entryPath, kj::mv(names.error()));
    if (!names || !*names) break;
    co_await take(folder, kj::mv(**names));
    pump();
  }
  --reading_;
  pump();
}

Task<void> RemoteWalk::take(FolderPtr folder, std::vector<ssh::SftpName> names) {
  std::vector<std::string> paths;
  paths.reserve(names.size());
  for (const auto& name : names) paths.push_back(joinPath(folder->entryPath, name.name));
  auto found = co_await sideBySide<Expected<Found>>(names.size(), kLooksAtOnce,
                                                    [&](size_t i) { return look(folder, kj::mv(names[i])); });
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) {
      note(kj::mv(paths[i]), kj::mv(found[i].error()));
    } else if (found[i]->entry) {
      tell(folder, kj::mv(*found[i]));
    }
  }
}

Task<Expected<RemoteWalk::Found>> RemoteWalk::look(FolderPtr folder, ssh::SftpName name) {
  if (!isEntryName(name.name))
    co_return fail(remoteError(Reason::REMOTE_IO, folder->path, "the server tells of a name that cannot be one"));
  Found found{std::nullopt, joinPath(folder->path, name.name), ""};
  const std::string entryPath = joinPath(folder->entryPath, name.name);
  auto attributes = name.attributes;
  if (!hasType(attributes)) {
    auto asked = co_await sftp_.linkStat(found.path);
    if (!asked) co_return fail(kj::mv(asked.error()));
    attributes = *asked;
  }
  if (excluded(options_.exclude, entryPath, attributes.isDirectory())) co_return found;
  if (options_.followLinks) {
    auto followed = co_await follow(folder, found.path, name.name, attributes, found.real);
    if (!followed) co_return fail(kj::mv(followed.error()));
    if (excluded(options_.exclude, entryPath, attributes.isDirectory())) co_return found;
  }
  found.entry = remoteEntry(entryPath, attributes, folder->root);
  if (found.entry->kind == Kind::LINK) {
    auto target = co_await sftp_.readLink(found.path);
    if (!target) co_return fail(kj::mv(target.error()));
    found.entry->target = kj::mv(*target);
  }
  co_return found;
}

// Gives a link the attributes of what it leads to, and a folder its real path. Fails if that is a folder above.
Task<Expected<void>> RemoteWalk::follow(FolderPtr folder, std::string path, std::string name,
                                        ssh::SftpAttributes& attributes, std::string& real) {
  real = joinPath(folder->real, name);
  if (attributes.isLink()) {
    auto target = co_await sftp_.stat(path);
    if (!target) co_return fail(kj::mv(target.error()));
    attributes = *target;
    if (!attributes.isDirectory()) co_return {};
    auto asked = co_await sftp_.realPath(path);
    if (!asked) co_return fail(kj::mv(asked.error()));
    real = kj::mv(*asked);
  }
  if (!attributes.isDirectory()) co_return {};
  for (const Folder* above = folder.get(); above != nullptr; above = above->above.get()) {
    if (above->real == real) co_return fail(remoteError(Reason::REMOTE_IO, path, "leads back to a folder above it"));
  }
  co_return {};
}

void RemoteWalk::tell(const FolderPtr& folder, Found found) {
  if (found.entry->kind == Kind::DIRECTORY) {
    unsigned most = options_.followLinks ? kMostDepthOverLinks : kMostDepth;
    if (folder->depth >= most)
      return note(found.entry->path, remoteError(Reason::REMOTE_IO, found.path, "is too deep a folder"));
    if (pending_.size() >= kMostPending)
      return note(found.entry->path, remoteError(Reason::REMOTE_IO, found.path, "is one of too many folders"));
    pending_.push_back(
        std::make_shared<Folder>(Folder{kj::mv(found.path), found.entry->path, folder->root, folder->depth + 1,
                                        kj::mv(found.real), options_.followLinks ? folder : nullptr}));
  }
  ready_.push_back(kj::mv(*found.entry));
}

void RemoteWalk::note(std::string path, Error error) {
  if (endsAll(error)) {
    if (!broken_) broken_ = kj::mv(error);
    return;
  }
  errors_.push_back({kj::mv(path), kj::mv(error)});
}

bool RemoteWalk::full() const { return ready_.size() + errors_.size() >= kMostAhead; }

bool RemoteWalk::finished() const { return reading_ == 0 && pending_.empty() && nextRoot_ == roots_.size(); }

kj::Promise<void> RemoteWalk::room() {
  if (!full()) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitingForRoom_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void RemoteWalk::makeRoom() {
  if (full()) return;
  for (auto& waiter : std::exchange(waitingForRoom_, {})) waiter->fulfill();
}

void RemoteWalk::taskFailed(kj::Exception&& exception) {
  broken_ = Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr(), {}};
  pump();
}

}  // namespace cbs::transfer
