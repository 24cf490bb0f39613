#include "agentd/transfer/remote_files.h"

#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_orders.h"
#include "agentd/transfer/remote_path.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/temporary_name.h"

#include <vector>

namespace cbs::transfer {
namespace {

constexpr uint32_t kOwnerOnly = 0600;
constexpr uint32_t kAnyMode = 0777;
constexpr uint32_t kPermissions = 07777;

constexpr size_t kFilesAtOnce = 64;

// One file on its way. An answer takes a round trip, so that requests go together as far as the protocol lets them.
class Put {
 public:
  Put(RemoteTarget& target, SmallFile file)
      : target_(target), entry_(kj::mv(file.entry)), bytes_(std::make_shared<Bytes>(kj::mv(file.bytes))) {}

  Task<Expected<void>> run();

 private:
  Task<Expected<void>> putOver(Streams::Place place);
  Task<Expected<void>> write(ssh::Sftp& sftp);
  RemoteOrders orders(ssh::Sftp& sftp, const ssh::Sftp::File& file, RecentModes::Mode standing);
  Task<Expected<void>> rename(ssh::Sftp& sftp);

  RemoteTarget& target_;
  Entry entry_;
  SharedBytes bytes_;
  std::string path_;
  std::string temporary_;
};

Task<Expected<void>> Put::run() {
  auto taken = target_.check(entry_.path);
  if (!taken) co_return taken;
  target_.folders.sawEntry(entry_);
  auto folder = co_await target_.folders.forWriting(std::string(parentOf(entry_.path)));
  if (!folder) co_return fail(folder.error());
  path_ = target_.place.at(entry_.path);
  for (unsigned tries = 1;; ++tries) {
    auto place = co_await target_.streams.place(bytes_->size());
    if (!place) co_return fail(place.error());
    auto& sftp = place->sftp();
    auto done = co_await putOver(kj::mv(*place));
    // What a stream that broke did not carry, another one may.
    if (done || !sftp.broken() || tries > Streams::kMost) co_return done;
  }
}

Task<Expected<void>> Put::putOver(Streams::Place place) {
  auto& sftp = place.sftp();
  temporary_ = joinPath(folderOf(path_), temporaryName(nameOf(path_)));
  target_.temporaries.insert(temporary_);
  auto done = co_await write(sftp);
  if (done) place.done(bytes_->size());
  if (done) done = co_await rename(sftp);
  if (!done) co_await sftp.remove(temporary_);
  if (done || !sftp.broken()) target_.temporaries.erase(temporary_);
  co_return done;
}

Task<Expected<void>> Put::write(ssh::Sftp& sftp) {
  std::optional<RecentModes::Mode> known = target_.standingMode(entry_.path);
  auto opening = sftp.open(temporary_, ssh::SFTP_WRITE | ssh::SFTP_CREATE | ssh::SFTP_EXCLUSIVE,
                           openingMode(target_.options, entry_, known.value_or(std::nullopt)));
  if (!known) known = co_await target_.askStandingMode(sftp, entry_.path);
  auto file = co_await opening;
  if (!file)
    co_return fail(co_await explainWriting(sftp, aboutTarget(kj::mv(file.error()), temporary_, path_), path_, 0));
  auto result = co_await carriedOut(orders(sftp, *file, *known));
  if (!result)
    co_return fail(
        co_await explainWriting(sftp, aboutTarget(kj::mv(result.error()), temporary_, path_), path_, bytes_->size()));
  co_return result;
}

RemoteOrders Put::orders(ssh::Sftp& sftp, const ssh::Sftp::File& file, RecentModes::Mode standing) {
  RemoteOrders orders;
  orderWriting(orders, sftp, file, 0, bytes_);
  auto attributes = finalAttributes(target_.options, entry_, standing);
  if (attributes.mode || attributes.mtime) orders.push_back(sftp.setAttributes(file, attributes));
  if (target_.options.fsync) orders.push_back(sftp.sync(file));
  orders.push_back(sftp.close(file));
  return orders;
}

Task<Expected<void>> Put::rename(ssh::Sftp& sftp) {
  auto renamed = co_await sftp.rename(temporary_, path_);
  if (renamed) co_return renamed;
  co_return fail(co_await explainPlacing(sftp, aboutTarget(kj::mv(renamed.error()), temporary_, path_), path_));
}

}  // namespace

ssh::SftpAttributes finalAttributes(const Options& options, const Entry& file, RecentModes::Mode standing) {
  ssh::SftpAttributes attributes;
  if (options.preserve) {
    attributes.mode = file.mode & kPermissions;
  } else if (standing) {
    attributes.mode = *standing;
  }
  if (options.keepsTimes()) attributes.mtime = sftpTime(file.mtimeS);
  return attributes;
}

uint32_t openingMode(const Options& options, const Entry& file, RecentModes::Mode standing) {
  return options.preserve || standing ? kOwnerOnly : file.mode & kAnyMode;
}

Task<std::vector<Expected<void>>> putAll(RemoteTarget& target, std::vector<SmallFile> files) {
  std::vector<Expected<void>> results(files.size());
  co_await eachAtOnce(files.size(), kFilesAtOnce, [&](size_t i) -> Task<void> {
    Put put(target, kj::mv(files[i]));
    results[i] = co_await put.run();
  });
  co_return results;
}

Task<void> removeTemporaries(RemoteTarget& target) {
  const std::vector<std::string> paths(target.temporaries.begin(), target.temporaries.end());
  co_await eachAtOnce(paths.size(), kRequestsAtOnce, [&](size_t i) -> Task<void> {
    auto removed = co_await target.streams.first().remove(paths[i]);
    if (removed || removed.error().reason == Reason::NOT_FOUND) target.temporaries.erase(paths[i]);
  });
}

}  // namespace cbs::transfer
