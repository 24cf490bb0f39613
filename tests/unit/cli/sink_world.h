// A FileSink of this machine, called as the daemon calls it.
#pragma once

#include "tests/unit/cli/file_world.h"

#include <dirent.h>
#include <sys/file.h>

#include <functional>
#include <optional>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {

constexpr int64_t kLongAgo = 1000000000;

inline bool ok(const Error& error) { return error.kind == ErrorKind::NONE; }

inline LocalEntry fileEntry(std::string path, uint64_t size = 0, uint32_t mode = 0644) {
  return {.path = std::move(path), .kind = FileKind::FILE, .size = size, .mode = mode, .mtimeS = kLongAgo};
}
inline LocalEntry folderEntry(std::string path, uint32_t mode = 0755) {
  return {.path = std::move(path), .kind = FileKind::DIRECTORY, .mode = mode, .mtimeS = kLongAgo};
}
inline LocalEntry linkEntry(std::string path, std::string target) {
  auto entry = fileEntry(std::move(path));
  entry.kind = FileKind::LINK;
  entry.target = std::move(target);
  return entry;
}

struct SinkWorld : FileWorld {
  using Options = std::function<void(schema::TransferOptions::Builder)>;

  // The place, or why there is none.
  Expected<std::string> begin(const std::string& destination, const LocalEntry& first, const Options& options = {},
                              unsigned roots = 1) {
    sink = makeFileSink(destination);
    auto request = sink.beginRequest();
    request.setRoots(roots);
    encode(first, request.initFirst());
    if (options) options(request.initOptions());
    auto answer = request.send().wait(io.waitScope);
    auto error = decode(answer.getError());
    if (error.kind != ErrorKind::NONE) return fail(std::move(error));
    return textOf(answer.getPath());
  }
  // Into the test's own folder.
  void beginTree(const Options& options = {}) { REQUIRE(begin(at("") + "/", folderEntry(""), recursive(options))); }
  static Options recursive(const Options& more) {
    return [more](auto options) {
      options.setRecursive(true);
      if (more) more(options);
    };
  }

  struct Standing {
    std::optional<LocalEntry> entry;
    Error error;
  };
  Standing look(const LocalEntry& entry) {
    auto request = sink.lookRequest();
    encode(entry, request.initEntries(1)[0]);
    auto answer = request.send().wait(io.waitScope);
    auto standing = answer.getStandings()[0];
    Standing result{{}, decode(standing.getError())};
    if (standing.getPresent()) result.entry = entryOf(standing.getEntry());
    return result;
  }
  Error make(const LocalEntry& entry) {
    auto request = sink.makeRequest();
    encode(entry, request.initEntries(1)[0]);
    return decode(request.send().wait(io.waitScope).getErrors()[0]);
  }
  Error put(LocalEntry entry, const std::string& bytes) {
    entry.size = bytes.size();
    auto request = sink.putRequest();
    auto file = request.initFiles(1)[0];
    encode(entry, file.initEntry());
    file.setBytes(bytesOf(bytes));
    return decode(request.send().wait(io.waitScope).getErrors()[0]);
  }

  struct Writing {
    Error error;
    kj::Maybe<schema::OpenFile::Client> file;
    kj::Maybe<schema::FileWriting::Client> writing;
    uint64_t kept = 0;
    int fd = -1;

    void write(std::string_view bytes, off_t offset = 0) const {
      CHECK(pwrite(fd, bytes.data(), bytes.size(), offset) == static_cast<ssize_t>(bytes.size()));
    }
  };
  Writing create(const LocalEntry& entry, bool resume = false) {
    auto request = sink.createRequest();
    encode(entry, request.initEntry());
    request.setResume(resume);
    auto answer = request.send().wait(io.waitScope);
    Writing result{decode(answer.getError()), {}, {}, answer.getKept(), -1};
    if (result.error.kind != ErrorKind::NONE) return result;
    auto file = answer.getFile();
    result.fd = descriptorOf(*this, file);
    result.file = file;
    result.writing = answer.getWriting();
    return result;
  }
  Error commit(Writing& writing, const LocalEntry& entry) {
    auto request = KJ_ASSERT_NONNULL(writing.writing).commitRequest();
    encode(entry, request.initEntry());
    return decode(request.send().wait(io.waitScope).getError());
  }
  std::string leave(Writing& writing) {
    return textOf(KJ_ASSERT_NONNULL(writing.writing).leaveRequest().send().wait(io.waitScope).getPart());
  }

  struct Finished {
    std::vector<std::string> deleted;
    std::map<std::string, Error> errors;
    bool done = false;
  };
  Finished finishSome(bool complete) {
    auto request = sink.finishRequest();
    request.setComplete(complete);
    auto answer = request.send().wait(io.waitScope);
    Finished result;
    for (auto path : answer.getDeleted()) result.deleted.push_back(textOf(path));
    for (auto error : answer.getErrors()) result.errors.insert({textOf(error.getPath()), decode(error.getError())});
    result.done = answer.getDone();
    return result;
  }
  Finished finish(bool complete = true) {
    Finished result;
    while (!result.done) {
      auto part = finishSome(complete);
      result.deleted.insert(result.deleted.end(), part.deleted.begin(), part.deleted.end());
      result.errors.merge(part.errors);
      result.done = part.done;
    }
    std::sort(result.deleted.begin(), result.deleted.end());
    return result;
  }

  // The names in a folder, sorted.
  std::vector<std::string> names(std::string_view name = "") const {
    std::vector<std::string> found;
    DIR* stream = opendir(at(name).c_str());
    REQUIRE(stream != nullptr);
    while (const dirent* item = readdir(stream)) {
      std::string_view text = item->d_name;
      if (text != "." && text != "..") found.emplace_back(text);
    }
    closedir(stream);
    std::sort(found.begin(), found.end());
    return found;
  }

  schema::FileSink::Client sink = nullptr;
};

}  // namespace cbs::cli
