#include "agentd/transfer/remote_writer.h"

#include "agentd/transfer/remote_digest.h"
#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_files.h"
#include "agentd/transfer/remote_path.h"
#include "common/entry_path.h"
#include "common/temporary_name.h"

namespace cbs::transfer {
namespace {

constexpr uint32_t kOwnUse = 0600;  // what every stream needs to open the file

// The largest part of the file at `path` that nobody goes on with; "" if there is none.
Task<std::string> findPart(RemoteTarget& target, std::string path) {
  const std::string folder = folderOf(path);
  auto listing = co_await target.listings.of(target.streams.first(), folder);
  std::string best;
  if (listing == nullptr) co_return best;
  uint64_t size = 0;
  for (const auto& name : listing->temporaries) {
    const auto& entry = listing->names.at(name);
    if (!entry || entry->kind != Kind::FILE || entry->size < size || !isTemporaryOf(name, nameOf(path))) continue;
    std::string part = joinPath(folder, name);
    if (target.parts.contains(target.hostKey, part)) continue;
    size = entry->size;
    best = kj::mv(part);
  }
  co_return best;
}

// What the server tells of a file that we make beside the one at `path`; none if we cannot.
Task<std::optional<ssh::SftpAttributes>> whatWeMake(RemoteTarget& target, ssh::Sftp& sftp, std::string path) {
  const std::string trial = joinPath(folderOf(path), temporaryName(nameOf(path)));
  target.temporaries.insert(trial);
  auto file = co_await sftp.open(trial, ssh::SFTP_WRITE | ssh::SFTP_CREATE | ssh::SFTP_EXCLUSIVE, kOwnUse);
  std::optional<ssh::SftpAttributes> made;
  if (file) {
    auto there = co_await sftp.stat(*file);
    if (there) made = *there;
    co_await sftp.close(*file);
    co_await sftp.remove(trial);
  }
  if (!sftp.broken()) target.temporaries.erase(trial);
  co_return made;
}

Error notOurs(const std::string& part) { return remoteError(Reason::REMOTE_IO, part, "is no file of ours"); }

}  // namespace

RemoteWriter::RemoteWriter(RemoteTarget& target, Entry file)
    : target_(target), entry_(kj::mv(file)), path_(target.place.at(entry_.path)) {}

Task<Expected<kj::Own<Writer>>> RemoteWriter::create(RemoteTarget& target, Entry file) {
  auto taken = target.check(file.path);
  if (!taken) co_return fail(taken.error());
  target.folders.sawEntry(file);
  auto folder = co_await target.folders.forWriting(std::string(parentOf(file.path)));
  if (!folder) co_return fail(folder.error());
  const bool mayHaveParts = target.options.resume && (*folder)->state == RemoteFolder::State::FOUND;
  auto writer = kj::heap<RemoteWriter>(target, kj::mv(file));
  if (mayHaveParts) writer->temporary_ = co_await findPart(target, writer->path_);
  auto opened = co_await writer->open();
  if (!opened) co_return fail(opened.error());
  co_return kj::Own<Writer>(kj::mv(writer));
}

Task<Expected<void>> RemoteWriter::open() {
  if (!temporary_.empty()) claim_.emplace(target_.parts.claim(target_.hostKey, temporary_));
  auto place = co_await target_.streams.place(1);
  if (!place) co_return fail(place.error());
  auto standing = target_.standingMode(entry_.path);
  if (!standing) standing = co_await target_.askStandingMode(place->sftp(), entry_.path);
  standing_ = *standing;
  if (!temporary_.empty()) {
    auto opened = co_await openPart(*place);
    if (opened || place->sftp().broken()) co_return opened;
  }
  co_return co_await openNew(*place);
}

// Others may have put something into the folder that has such a name.
Task<Expected<void>> RemoteWriter::openPart(Streams::Place& place) {
  auto& sftp = place.sftp();
  auto ours = co_await whatWeMake(target_, sftp, path_);
  auto named = co_await sftp.linkStat(temporary_);
  if (!named) co_return fail(named.error());
  if (!ours || !named->isRegular() || named->owner != ours->owner) co_return fail(notOurs(temporary_));
  auto file = co_await sftp.open(temporary_, ssh::SFTP_WRITE);
  if (!file) co_return fail(file.error());
  auto there = co_await sftp.stat(*file);
  if (there && !there->isRegular()) there = fail(notOurs(temporary_));
  if (there && there->owner && there->owner != ours->owner) there = fail(notOurs(temporary_));
  if (!there) {
    co_await sftp.close(*file);
    co_return fail(there.error());
  }
  kept_ = there->size.value_or(0);
  keepHandle(place, kj::mv(*file));
  exists_ = true;
  co_return {};
}

Task<Expected<void>> RemoteWriter::openNew(Streams::Place& place) {
  temporary_ = joinPath(folderOf(path_), temporaryName(nameOf(path_)));
  claim_.emplace(target_.parts.claim(target_.hostKey, temporary_));
  target_.temporaries.insert(temporary_);
  auto file = co_await place.sftp().open(temporary_, ssh::SFTP_WRITE | ssh::SFTP_CREATE | ssh::SFTP_EXCLUSIVE,
                                         openingMode(target_.options, entry_, standing_) | kOwnUse);
  if (file || !place.sftp().broken()) target_.temporaries.erase(temporary_);
  if (!file) co_return fail(co_await explain(place.sftp(), kj::mv(file.error()), 0));
  keepHandle(place, kj::mv(*file));
  exists_ = true;
  co_return {};
}

void RemoteWriter::keepHandle(Streams::Place& place, ssh::Sftp::File file) {
  Handle& handle = handles_[place.index()];
  handle.hold.emplace(place.hold());
  handle.file = kj::mv(file);
}

Task<Expected<ssh::Sftp::File>> RemoteWriter::handleOn(Streams::Place& place) {
  Handle& handle = handles_[place.index()];
  auto pass = co_await handle.opening.enter();
  if (handle.file && &handle.hold->sftp() == &place.sftp()) co_return *handle.file;
  auto file = co_await place.sftp().open(temporary_, ssh::SFTP_WRITE);
  if (file) keepHandle(place, *file);
  co_return file;
}

Task<Expected<void>> RemoteWriter::write(uint64_t offset, Bytes bytes) {
  const auto kept = std::make_shared<Bytes>(kj::mv(bytes));
  for (unsigned tries = 1;; ++tries) {
    auto place = co_await target_.streams.place(kept->size());
    if (!place) co_return fail(place.error());
    auto written = co_await writeOver(*place, offset, kept);
    if (written) place->done(kept->size());
    // What a stream that broke did not carry, another one may.
    if (written || !place->sftp().broken() || tries > Streams::kMost) co_return written;
  }
}

Task<Expected<void>> RemoteWriter::writeOver(Streams::Place& place, uint64_t offset, SharedBytes bytes) {
  auto file = co_await handleOn(place);
  if (!file) co_return fail(co_await explain(place.sftp(), kj::mv(file.error()), 0));
  RemoteOrders orders;
  orderWriting(orders, place.sftp(), *file, offset, bytes);
  auto written = co_await carriedOut(kj::mv(orders));
  if (!written) co_return fail(co_await explain(place.sftp(), kj::mv(written.error()), bytes->size()));
  co_return {};
}

Task<Expected<std::vector<std::string>>> RemoteWriter::digests(std::vector<Range> ranges) {
  return remoteDigests(target_.streams, target_.digestHost, temporary_, kj::mv(ranges));
}

Task<Expected<void>> RemoteWriter::commit(Entry entry) {
  auto place = co_await target_.streams.place(1);
  if (!place) co_return fail(place.error());
  auto settled = co_await settle(*place, entry);
  if (!settled) co_return fail(co_await explain(place->sftp(), kj::mv(settled.error()), 0));
  auto renamed = co_await place->sftp().rename(temporary_, path_);
  if (!renamed) {
    Error error = aboutTarget(kj::mv(renamed.error()), temporary_, path_);
    co_return fail(co_await explainPlacing(place->sftp(), kj::mv(error), path_));
  }
  exists_ = false;
  co_return {};
}

// Gives it size, mode and time, and closes it.
Task<Expected<void>> RemoteWriter::settle(Streams::Place& place, Entry entry) {
  auto file = co_await handleOn(place);
  if (!file) co_return fail(file.error());
  auto attributes = finalAttributes(target_.options, entry, standing_);
  attributes.size = entry.size;
  if (!attributes.mode && (entry.mode & kOwnUse) != kOwnUse) {
    // It was opened with more than it is to have, and the server's umask has left its part of that.
    auto there = co_await place.sftp().stat(*file);
    if (!there) co_return fail(there.error());
    attributes.mode = remoteEntry("", *there).mode & ~(kOwnUse & ~entry.mode);
  }
  RemoteOrders orders;
  orders.push_back(place.sftp().setAttributes(*file, attributes));
  if (target_.options.fsync) orders.push_back(place.sftp().sync(*file));
  orderClosing(orders);
  co_return co_await carriedOut(kj::mv(orders));
}

// A broken stream has closed its files already.
void RemoteWriter::orderClosing(RemoteOrders& orders) {
  for (auto& [index, handle] : handles_) {
    if (!handle.file) continue;
    if (!handle.hold->sftp().broken()) orders.push_back(handle.hold->sftp().close(*handle.file));
    handle.file.reset();
  }
}

Task<std::string> RemoteWriter::leave() {
  if (!exists_) co_return "";
  RemoteOrders orders;
  orderClosing(orders);
  co_await carriedOut(kj::mv(orders));
  auto place = co_await target_.streams.place(1);
  if (!place) co_return temporary_;
  auto there = co_await place->sftp().linkStat(temporary_);
  const bool gone = !there && there.error().reason == Reason::NOT_FOUND;
  const bool isSmall = there && there->size.value_or(0) < kWorthKeeping;
  if (isSmall) co_await place->sftp().remove(temporary_);
  exists_ = !gone && !isSmall;
  co_return exists_ ? temporary_ : "";
}

Task<Error> RemoteWriter::explain(ssh::Sftp& sftp, Error error, uint64_t bytes) {
  return explainWriting(sftp, aboutTarget(kj::mv(error), temporary_, path_), path_, bytes);
}

}  // namespace cbs::transfer
