#include "cli/transfer/file_sink.h"

#include "cli/transfer/local_error.h"
#include "cli/transfer/local_finish.h"
#include "cli/transfer/local_place.h"
#include "cli/transfer/local_tree.h"
#include "cli/transfer/local_writing.h"
#include "cli/transfer/open_file.h"
#include "common/entry_path.h"

#include <kj/debug.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

Expected<LocalEntry> standingAt(const Spot& spot) {
  struct stat info;
  if (fstatat(spot.folder, spot.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail(localError(spot.local, errno));
  }
  auto entry = entryOf(info);
  bool unreadable = entry.kind == FileKind::LINK && !readLinkAt(spot.folder, spot.name, entry.target);
  if (unreadable) return fail(localError(spot.local, errno));
  return entry;
}

Expected<void> putFile(const Spot& spot, const LocalEntry& entry, capnp::Data::Reader bytes, const WriteRules& rules) {
  auto file = TemporaryFile::make(spot.folder, spot.name);
  if (!file || !file->write(bytes) || !file->publish(spot.name, entry, rules)) {
    return fail(localError(spot.local, errno));
  }
  return {};
}

// Makes durable what was put into a folder.
Expected<void> syncFolder(const Spot& spot) {
  auto folder = openBelow(spot.folder, "", O_RDONLY | O_DIRECTORY);
  if (folder == nullptr || fsync(folder) < 0) return fail(localError(spot.local, errno));
  return {};
}

class FileSinkServer final : public schema::FileSink::Server {
 public:
  explicit FileSinkServer(std::string destination) : destination_(std::move(destination)) {}

  kj::Promise<void> begin(BeginContext context) override {
    auto params = context.getParams();
    take(params.getOptions());
    LocalPlace::Coming coming{params.getRoots(), entryOf(params.getFirst()), !onlyTells_};
    auto results = context.getResults();
    bool bad = coming.roots == 1 && !coming.first.path.empty() && !isEntryName(coming.first.path);
    auto place = bad ? fail(badPath(coming.first.path)) : LocalPlace::decide(destination_, coming);
    if (!place) {
      encode(place.error(), results.initError());
      return kj::READY_NOW;
    }
    place_ = std::move(*place);
    results.setPath(bytesOf(place_->path()));
    return kj::READY_NOW;
  }

  kj::Promise<void> look(LookContext context) override {
    Spots spots(place());
    auto entries = context.getParams().getEntries();
    auto standings = context.getResults().initStandings(entries.size());
    for (unsigned i = 0; i < entries.size(); ++i) {
      std::string path = textOf(entries[i].getPath());
      comesBy(path);
      auto spot = spots.find(path);
      auto standing = spot ? standingAt(*spot) : fail(std::move(spot.error()));
      if (standing) {
        bool isFolder = standing->kind == FileKind::DIRECTORY && entries[i].getKind() == FileKind::DIRECTORY;
        if (isFolder) folders_.saw(path);
        standings[i].setPresent(true);
        encode(*standing, standings[i].initEntry());
      } else if (standing.error().reason != Reason::NOT_FOUND) {
        encode(standing.error(), standings[i].initError());
      }
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> make(MakeContext context) override {
    Spots spots(writable());
    auto entries = context.getParams().getEntries();
    auto errors = context.getResults().initErrors(entries.size());
    for (unsigned i = 0; i < entries.size(); ++i) {
      auto entry = entryOf(entries[i]);
      comesBy(entry.path);
      auto made = makeOne(spots, entry);
      if (!made) encode(made.error(), errors[i]);
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> put(PutContext context) override {
    Spots spots(writable());
    auto files = context.getParams().getFiles();
    auto errors = context.getResults().initErrors(files.size());
    for (unsigned i = 0; i < files.size(); ++i) {
      auto entry = entryOf(files[i].getEntry());
      comesBy(entry.path);
      auto spot = spots.findFile(entry.path);
      auto done = spot ? putFile(*spot, entry, files[i].getBytes(), rules_) : fail(std::move(spot.error()));
      if (done && rules_.fsync && isLastOfFolder(files, i)) done = syncFolder(*spot);
      if (!done) encode(done.error(), errors[i]);
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> create(CreateContext context) override {
    auto entry = entryOf(context.getParams().getEntry());
    comesBy(entry.path);
    Spots spots(writable());
    auto spot = spots.findFile(entry.path);
    auto created =
        spot ? createAt(*spot, context.getParams().getResume(), context.getResults()) : fail(std::move(spot.error()));
    if (!created) encode(created.error(), context.getResults().initError());
    return kj::READY_NOW;
  }

  kj::Promise<void> existing(ExistingContext context) override {
    Spots spots(place());
    auto spot = spots.findFile(textOf(context.getParams().getPath()));
    auto opened = spot ? openExisting(*spot) : fail(std::move(spot.error()));
    if (opened) {
      context.getResults().setFile(kj::heap<OpenFileServer>(share(kj::mv(*opened))));
    } else {
      encode(opened.error(), context.getResults().initError());
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> finish(FinishContext context) override {
    bool complete = context.getParams().getComplete();
    if (!ending_) ending_.emplace(folders_, complete && deletes_ ? extras() : std::nullopt);
    if (!complete) ending_->spareTheRest();
    auto part = ending_->next(place(), onlyTells_ ? nullptr : &rules_);
    auto results = context.getResults();
    results.setDone(part.done);
    auto deleted = results.initDeleted(static_cast<unsigned>(part.deleted.size()));
    for (unsigned i = 0; i < deleted.size(); ++i) deleted.set(i, bytesOf(part.deleted[i]));
    auto errors = results.initErrors(static_cast<unsigned>(part.errors.size()));
    for (unsigned i = 0; i < errors.size(); ++i) {
      errors[i].setPath(bytesOf(part.errors[i].path));
      encode(part.errors[i].error, errors[i].initError());
    }
    return kj::READY_NOW;
  }

 private:
  void take(schema::TransferOptions::Reader options) {
    rules_ = {.preserve = options.getPreserve(),
              .keepsTimes = options.getRecursive() || options.getPreserve(),
              .fsync = options.getFsync(),
              .umask = currentUmask()};
    deletes_ = options.getDelete();
    onlyTells_ = options.getDryRun();
    exclude_.clear();
    for (auto pattern : options.getExclude()) exclude_.push_back(textOf(pattern));
  }

  const LocalPlace& place() const {
    KJ_REQUIRE(place_.has_value(), "nothing was begun");
    return *place_;
  }
  const LocalPlace& writable() const {
    KJ_REQUIRE(!onlyTells_, "nothing is to be written");
    return place();
  }
  std::optional<LocalExtras> extras() {
    cameBy_.close();
    return std::optional<LocalExtras>(std::in_place, place(), folders_.all(), cameBy_, exclude_, onlyTells_);
  }
  void comesBy(const std::string& path) {
    if (deletes_) cameBy_.add(path);
  }

  // The files of a folder come one after the other.
  static bool isLastOfFolder(capnp::List<schema::FileContent>::Reader files, unsigned i) {
    if (i + 1 == files.size()) return true;
    auto here = textOf(files[i].getEntry().getPath()), next = textOf(files[i + 1].getEntry().getPath());
    return parentOf(here) != parentOf(next);
  }

  Expected<void> makeOne(Spots& spots, const LocalEntry& entry) {
    bool isFolder = entry.kind == FileKind::DIRECTORY;
    auto spot = isFolder ? spots.find(entry.path) : spots.findFile(entry.path);
    if (!spot) return fail(std::move(spot.error()));
    if (isFolder) return folders_.make(*spot, entry, rules_, entry.path.empty() && place().made());
    if (entry.kind == FileKind::LINK) return makeSymbolicLink(*spot, entry, rules_);
    return fail(localError(spot->local, Reason::LOCAL_IO, "no hard links are made here"));
  }

  Expected<void> createAt(const Spot& spot, bool resume, CreateResults::Builder results) {
    auto folder = openBelow(spot.folder, "", O_PATH | O_DIRECTORY);
    if (folder == nullptr) return fail(localError(spot.local, errno));
    std::string folderPath(parentOf(spot.local));
    if (folderPath.empty()) folderPath = "/";
    auto part = resume ? TemporaryFile::find(folder, leftParts_.in(folder, folderPath), spot.name) : std::nullopt;
    auto file = part ? std::move(part) : TemporaryFile::make(folder, spot.name);
    if (!file) return fail(localError(spot.local, errno));
    results.setKept(file->size());
    results.setFile(kj::heap<OpenFileServer>(file->file()));
    results.setWriting(
        kj::heap<FileWritingServer>(kj::mv(folder), std::move(folderPath), spot.name, std::move(*file), rules_));
    return {};
  }

  static Expected<kj::AutoCloseFd> openExisting(const Spot& spot) {
    auto file = openBelow(spot.folder, spot.name, O_RDONLY | O_NONBLOCK);
    struct stat info;
    if (file == nullptr || fstat(file, &info) < 0) return fail(localError(spot.local, errno));
    if (!S_ISREG(info.st_mode)) {
      return fail(localError(spot.local, Reason::ALREADY_EXISTS, "it is not a regular file"));
    }
    return file;
  }

  std::string destination_;
  WriteRules rules_;
  bool deletes_ = false;
  bool onlyTells_ = false;
  std::vector<std::string> exclude_;
  std::optional<LocalPlace> place_;
  LocalFolders folders_;
  CameBy cameBy_;
  LeftParts leftParts_;
  std::optional<LocalFinish> ending_;
};

}  // namespace

schema::FileSink::Client makeFileSink(std::string destination) {
  return kj::heap<FileSinkServer>(std::move(destination));
}

}  // namespace cbs::cli
