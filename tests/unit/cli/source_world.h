// A FileSource of this machine, called as the daemon calls it.
#pragma once

#include "tests/unit/cli/file_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {

struct SourceWorld : FileWorld {
  explicit SourceWorld(bool recursive = true) : options{.recursive = recursive} {}

  void open(std::vector<std::string> paths) { source = makeFileSource(std::move(paths), options); }

  struct Roots {
    unsigned count;
    LocalEntry first;
    Error error;
  };
  Roots roots() {
    auto answer = source.rootsRequest().send().wait(io.waitScope);
    return {answer.getCount(), entryOf(answer.getFirst()), decode(answer.getError())};
  }

  // Takes all there is.
  void walk(std::vector<std::string> paths) {
    open(std::move(paths));
    for (bool done = false; !done;) {
      auto batch = source.nextRequest().send().wait(io.waitScope);
      CHECK(batch.getEntries().size() <= 1000);
      for (auto entry : batch.getEntries()) add(entryOf(entry));
      for (auto error : batch.getErrors()) errors.insert({textOf(error.getPath()), decode(error.getError())});
      done = batch.getDone();
    }
  }
  void add(LocalEntry entry) {
    order.push_back(entry.path);
    entries[entry.path] = std::move(entry);
  }
  std::vector<std::string> sorted() const {
    auto paths = order;
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  struct Content {
    std::string bytes;
    Error error;
  };
  std::vector<Content> read(const std::vector<uint64_t>& ids) {
    auto request = source.readRequest();
    auto list = request.initIds(static_cast<unsigned>(ids.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, ids[i]);
    auto answer = request.send().wait(io.waitScope);
    std::vector<Content> contents;
    for (auto file : answer.getFiles()) contents.push_back({textOf(file.getBytes()), decode(file.getError())});
    return contents;
  }
  Content readOne(const std::string& path) { return read({entries.at(path).id}).at(0); }

  SourceOptions options;
  schema::FileSource::Client source = nullptr;
  std::vector<std::string> order;
  std::map<std::string, LocalEntry> entries;
  std::map<std::string, Error> errors;
};

}  // namespace cbs::cli
