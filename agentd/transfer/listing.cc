#include "agentd/transfer/listing.h"

#include "agentd/transfer/folder_reader.h"
#include "agentd/transfer/long_name.h"
#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_glob.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"

#include <algorithm>
#include <iterator>

namespace cbs::transfer {
namespace {

constexpr unsigned kReadsAtOnce = 32;
constexpr size_t kLooksAtOnce = 128;
constexpr size_t kMostInBatch = 1'000;

bool endsWithSlash(const std::string& path) { return !path.empty() && path.back() == '/'; }

class Listing {
 public:
  Listing(ssh::Sftp& sftp, bool itself, Lister& lister) : sftp_(sftp), itself_(itself), lister_(lister) {}

  Task<Expected<void>> list(std::string path) {
    auto matches = co_await findRemote(sftp_, closing_, path);
    if (!matches) co_return co_await failed(path, kj::mv(matches.error()));
    for (auto& match : *matches) {
      // A path that was found as it is goes on under the name that its user gave it.
      std::string shown = isPattern(path) ? match.path : path;
      auto listed = co_await listMatch(kj::mv(match), shown, endsWithSlash(path));
      if (listed) continue;
      auto told = co_await failed(shown, kj::mv(listed.error()));
      if (!told) co_return told;
    }
    co_return {};
  }

 private:
  // Tells of an error, and gives it back if nothing can be asked any more.
  Task<Expected<void>> failed(std::string path, Error error) {
    if (endsAll(error)) co_return fail(error);
    co_await lister_.failed({kj::mv(path), kj::mv(error)});
    co_return {};
  }

  // `through`: a link is meant to be followed.
  Task<Expected<void>> listMatch(RemoteMatch match, std::string shown, bool through) {
    ssh::SftpAttributes target = match.attributes;
    if (target.isLink() && (through || !itself_)) {
      auto followed = co_await sftp_.stat(match.path);
      if (followed) target = *followed;
      if (!followed && (through || endsAll(followed.error()))) co_return fail(kj::mv(followed.error()));
    }
    if (through && !target.isDirectory()) co_return fail(remoteError(Reason::NOT_FOUND, match.path, "is not a folder"));
    if (target.isDirectory() && !itself_) co_return co_await listFolder(kj::mv(match.path), kj::mv(shown));
    auto listed = co_await listedOf(match.path, {shown, "", through ? target : match.attributes});
    if (!listed) co_return fail(kj::mv(listed.error()));
    std::vector<Listed> alone;
    alone.push_back(kj::mv(*listed));
    co_await lister_.files("", kj::mv(alone));
    co_return {};
  }

  Task<Expected<void>> listFolder(std::string path, std::string shown) {
    FolderReader reader(sftp_, closing_, path);
    std::vector<Listed> batch;
    bool any = false;
    for (;;) {
      auto names = co_await reader.next(kReadsAtOnce);
      if (!names) co_return fail(kj::mv(names.error()));
      if (!*names) break;
      auto taken = co_await take(path, kj::mv(**names), batch);
      if (!taken) co_return taken;
      while (batch.size() >= kMostInBatch) {
        any = true;
        co_await lister_.files(shown, firstOf(batch));
      }
    }
    if (!batch.empty() || !any) co_await lister_.files(shown, kj::mv(batch));
    co_return {};
  }

  static std::vector<Listed> firstOf(std::vector<Listed>& batch) {
    auto end = batch.begin() + static_cast<ptrdiff_t>(std::min(batch.size(), kMostInBatch));
    std::vector<Listed> first(std::make_move_iterator(batch.begin()), std::make_move_iterator(end));
    batch.erase(batch.begin(), end);
    return first;
  }

  Task<Expected<void>> take(std::string folder, std::vector<ssh::SftpName> names, std::vector<Listed>& batch) {
    std::vector<std::string> paths;
    paths.reserve(names.size());
    for (const auto& name : names) paths.push_back(joinPath(folder, name.name));
    auto results = co_await sideBySide<Expected<Listed>>(
        names.size(), kLooksAtOnce, [&](size_t i) { return listedIn(paths[i], kj::mv(names[i])); });
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i]) {
        batch.push_back(kj::mv(*results[i]));
        continue;
      }
      auto told = co_await failed(kj::mv(paths[i]), kj::mv(results[i].error()));
      if (!told) co_return told;
    }
    co_return {};
  }

  Task<Expected<Listed>> listedIn(std::string path, ssh::SftpName name) {
    if (!isEntryName(name.name))
      co_return fail(remoteError(Reason::REMOTE_IO, path, "the server tells of a name that cannot be one"));
    if (!hasType(name.attributes)) {
      auto asked = co_await sftp_.linkStat(path);
      if (!asked) co_return fail(kj::mv(asked.error()));
      name.attributes = *asked;
    }
    co_return co_await listedOf(kj::mv(path), kj::mv(name));
  }

  Task<Expected<Listed>> listedOf(std::string path, ssh::SftpName name) {
    auto owner = name.attributes.owner.value_or(ssh::SftpAttributes::Owner{});
    auto names = ownerNames(name);
    Listed listed{kj::mv(name.name), remoteEntry("", name.attributes), owner.uid, owner.gid, names.owner, names.group};
    if (listed.entry.kind == Kind::LINK) {
      auto target = co_await sftp_.readLink(kj::mv(path));
      if (!target && endsAll(target.error())) co_return fail(kj::mv(target.error()));
      if (target) listed.entry.target = kj::mv(*target);
    }
    co_return listed;
  }

  ssh::Sftp& sftp_;
  bool itself_;
  Lister& lister_;
  Closing closing_;
};

}  // namespace

Task<Expected<void>> listOn(Streams& streams, std::vector<std::string> paths, bool itself, Lister& lister) {
  Listing listing(streams.first(), itself, lister);
  for (auto& path : paths) {
    auto listed = co_await listing.list(kj::mv(path));
    if (!listed) co_return listed;
  }
  co_return {};
}

}  // namespace cbs::transfer
