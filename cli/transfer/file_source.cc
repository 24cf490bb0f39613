#include "cli/transfer/file_source.h"

#include "cli/transfer/local_error.h"
#include "cli/transfer/local_walk.h"
#include "cli/transfer/open_file.h"

#include <kj/debug.h>

#include <unistd.h>

#include <cerrno>
#include <optional>

namespace cbs::cli {
namespace {

constexpr size_t kMostEntries = 1000;
constexpr size_t kMostFiles = 64;
constexpr size_t kSmallFile = ToldFiles::kSmallFile;

std::string pathOf(const ToldFile& file) { return pathOf(file.folder, file.name); }

Expected<kj::AutoCloseFd> openRegular(ToldFileOpener& opener, const ToldFile& file, struct stat& info) {
  auto fd = opener.open(file);
  if (fd == nullptr || fstat(fd, &info) < 0) {
    bool gone = errno == ENOTDIR || errno == ELOOP || errno == ENXIO;
    return fail(gone ? localError(pathOf(file), Reason::NOT_FOUND, "it is a file no more")
                     : localError(pathOf(file), errno));
  }
  if (!S_ISREG(info.st_mode)) return fail(localError(pathOf(file), Reason::NOT_FOUND, "it is a file no more"));
  return fd;
}

// The whole of a file, into a buffer of one byte more than a small file may have. Files that the kernel makes up say
// that they have no bytes.
Expected<size_t> readSmall(ToldFileOpener& opener, const ToldFile& file, kj::ArrayPtr<kj::byte> buffer) {
  struct stat info;
  auto fd = openRegular(opener, file, info);
  if (!fd) return fail(std::move(fd.error()));
  size_t length = 0;
  while (length < buffer.size()) {
    ssize_t got = ::read(*fd, buffer.begin() + length, buffer.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(localError(pathOf(file), errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  bool asTold = static_cast<uint64_t>(info.st_size) == file.size && (length == file.size || file.size == 0);
  if (asTold && length <= kSmallFile) return length;
  return fail(localError(pathOf(file), Reason::LOCAL_IO, "it changed while it was read"));
}

Error forgotten(uint64_t id) {
  return localError("", Reason::LOCAL_IO, "there is no file of the number " + std::to_string(id));
}

class FileSourceServer final : public schema::FileSource::Server {
 public:
  FileSourceServer(const std::vector<std::string>& paths, SourceOptions options)
      : options_(std::move(options)), opener_(!options_.recursive || options_.followLinks, options_.followLinks) {
    for (const auto& path : paths) roots_.push_back(sourceRootOf(path));
  }

  kj::Promise<void> roots(RootsContext context) override {
    auto results = context.getResults();
    results.setCount(static_cast<uint32_t>(roots_.size()));
    std::optional<Error> problem;  // if there is nothing at all to move, nothing is to be made either
    for (const auto& root : roots_) {
      auto look = lookAtRoot(root, options_);
      if (look) {
        encode(look->entry, results.initFirst());
        return kj::READY_NOW;
      }
      if (!problem) problem = std::move(look.error());
    }
    if (problem) encode(*problem, results.initError());
    return kj::READY_NOW;
  }

  kj::Promise<void> next(NextContext context) override {
    auto batch = walk_.next(kMostEntries);
    auto results = context.getResults();
    auto entries = results.initEntries(static_cast<unsigned>(batch.entries.size()));
    for (unsigned i = 0; i < entries.size(); ++i) encode(batch.entries[i], entries[i]);
    auto errors = results.initErrors(static_cast<unsigned>(batch.errors.size()));
    for (unsigned i = 0; i < errors.size(); ++i) {
      errors[i].setPath(bytesOf(batch.errors[i].path));
      encode(batch.errors[i].error, errors[i].initError());
    }
    results.setDone(walk_.done());
    return kj::READY_NOW;
  }

  kj::Promise<void> read(ReadContext context) override {
    auto ids = context.getParams().getIds();
    KJ_REQUIRE(ids.size() <= kMostFiles, "too many files at once");
    auto files = context.getResults().initFiles(ids.size());
    for (unsigned i = 0; i < ids.size(); ++i) {
      const ToldFile* file = told_.find(ids[i]);
      auto length = file ? readSmall(opener_, *file, buffer_) : fail(forgotten(ids[i]));
      if (length) {
        files[i].setBytes(buffer_.slice(0, *length));
      } else {
        encode(length.error(), files[i].initError());
      }
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> open(OpenContext context) override {
    uint64_t id = context.getParams().getId();
    const ToldFile* file = told_.find(id);
    struct stat info;
    auto fd = file ? openRegular(opener_, *file, info) : fail(forgotten(id));
    auto results = context.getResults();
    if (fd) {
      results.setFile(kj::heap<OpenFileServer>(share(kj::mv(*fd))));
    } else {
      encode(fd.error(), results.initError());
    }
    return kj::READY_NOW;
  }

 private:
  SourceOptions options_;
  std::vector<SourceRoot> roots_;
  ToldFiles told_;
  ToldFileOpener opener_;
  LocalWalk walk_{roots_, options_, told_};
  kj::Array<kj::byte> buffer_ = kj::heapArray<kj::byte>(kSmallFile + 1);
};

class FileSourcesServer final : public schema::FileSources::Server {
 public:
  FileSourcesServer(std::vector<std::string> paths, SourceOptions options)
      : paths_(std::move(paths)), options_(std::move(options)) {}

  kj::Promise<void> source(SourceContext context) override {
    context.getResults().setSource(makeFileSource(paths_, options_));
    return kj::READY_NOW;
  }

 private:
  std::vector<std::string> paths_;
  SourceOptions options_;
};

}  // namespace

schema::FileSource::Client makeFileSource(std::vector<std::string> paths, SourceOptions options) {
  return kj::heap<FileSourceServer>(paths, std::move(options));
}

schema::FileSources::Client makeFileSources(std::vector<std::string> paths, SourceOptions options) {
  return kj::heap<FileSourcesServer>(std::move(paths), std::move(options));
}

}  // namespace cbs::cli
