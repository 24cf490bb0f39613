// A source in memory.
#pragma once

#include "agentd/transfer/source.h"
#include "tests/unit/transfer/fake_parts.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cbs::transfer {

class FakeSource final : public Source {
 public:
  // The next batch has it as well; nextBatch() begins another one.
  void add(Entry entry, std::string content = "") {
    if (entry.kind == Kind::FILE) {
      entry.size = content.size();
      contents[entry.path] = std::move(content);
    }
    batches.back().entries.push_back(std::move(entry));
  }
  void file(std::string path, std::string content, int64_t mtimeS = 100) {
    add({.path = std::move(path), .mode = 0644, .mtimeS = mtimeS}, std::move(content));
  }
  void folder(std::string path) { add({.path = std::move(path), .kind = Kind::DIRECTORY, .mode = 0755}); }
  void link(std::string path, std::string target) {
    add({.path = std::move(path), .kind = Kind::LINK, .target = std::move(target)});
  }
  void hardLink(std::string path, std::string sameAs) {
    std::string content = contents[sameAs];
    add({.path = std::move(path), .mtimeS = 100, .sameAs = std::move(sameAs)}, std::move(content));
  }
  void nextBatch() { batches.emplace_back(); }

  Task<Expected<Roots>> roots() override {
    co_await kj::evalLater([]() {});
    Roots roots{1, {}};
    if (!batches.front().entries.empty()) roots.first = batches.front().entries.front();
    co_return roots;
  }
  Task<Expected<Batch>> next() override {
    co_await nextGate.pass();
    Batch batch = std::move(batches.at(told++));
    batch.done = told == batches.size();
    co_return std::move(batch);
  }
  Task<std::vector<Expected<Bytes>>> readWhole(std::vector<Entry> files) override {
    groups.push_back(files.size());
    co_await wholeGate.pass();
    std::vector<Expected<Bytes>> results;
    for (const Entry& file : files) {
      auto failure = failureOf(readFailures, file.path);
      if (failure) {
        results.emplace_back(bytesOf(contents.at(file.path)));
      } else {
        results.push_back(fail(failure.error()));
      }
    }
    co_return kj::mv(results);
  }
  Task<Expected<kj::Own<Reader>>> open(Entry file) override {
    co_await openGate.pass();
    auto failure = failureOf(openFailures, file.path);
    if (!failure) co_return fail(failure.error());
    co_return kj::Own<Reader>(kj::heap<FakeReader>(*this, file.path));
  }
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override {
    co_await kj::evalLater([]() {});
    std::vector<Expected<std::string>> results;
    for (const Entry& file : files) {
      auto failure = failureOf(readFailures, file.path);
      if (failure) {
        results.emplace_back(sha256Of(contents.at(file.path)));
      } else {
        results.push_back(fail(failure.error()));
      }
    }
    co_return results;
  }

  std::vector<Batch> batches{1};
  size_t told = 0;
  std::map<std::string, std::string> contents;
  Failures readFailures, openFailures, changes;
  std::vector<size_t> groups;  // how many files each readWhole was for
  std::vector<Range> reads;
  size_t pieceSize = size_t{32} * 1024;
  Gate nextGate, wholeGate, openGate, readGate;

 private:
  struct FakeReader final : Reader {
    FakeReader(FakeSource& source, std::string path) : source(source), path(std::move(path)) {}
    size_t pieceSize() const override { return source.pieceSize; }
    Task<Expected<Bytes>> read(uint64_t offset, size_t length) override {
      source.reads.push_back({offset, length});
      co_await source.readGate.pass();
      auto failure = failureOf(source.readFailures, path);
      if (!failure) co_return fail(failure.error());
      const std::string& content = source.contents.at(path);
      co_return bytesOf(content.substr(std::min<size_t>(offset, content.size()), length));
    }
    Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override {
      co_await kj::evalLater([]() {});
      co_return sha256Of(source.contents.at(path), ranges);
    }
    Task<Expected<void>> checkUnchanged() override {
      co_await kj::evalLater([]() {});
      co_return failureOf(source.changes, path);
    }
    FakeSource& source;
    std::string path;
  };
};

}  // namespace cbs::transfer
