// A sink in memory.
#pragma once

#include "agentd/transfer/sink.h"
#include "tests/unit/transfer/fake_parts.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cbs::transfer {

class FakeSink final : public Sink {
 public:
  struct Node {
    Entry entry;
    std::string content;
  };

  void file(const std::string& path, std::string content, int64_t mtimeS = 100) {
    nodes[path] = {{.path = path, .size = content.size(), .mtimeS = mtimeS}, std::move(content)};
  }
  void folder(const std::string& path) { nodes[path] = {{.path = path, .kind = Kind::DIRECTORY}, ""}; }
  bool has(const std::string& path) const { return nodes.count(path) != 0; }
  std::string content(const std::string& path) const { return nodes.at(path).content; }

  Task<Expected<std::string>> begin(Roots roots) override {
    co_await kj::evalLater([]() {});
    began = std::move(roots);
    co_return "/there";
  }
  Task<std::vector<Standing>> look(std::vector<Entry> entries) override {
    co_await kj::evalLater([]() {});
    std::vector<Standing> standings;
    for (const Entry& entry : entries) {
      looked.insert(entry.path);
      auto failure = failureOf(lookFailures, entry.path);
      auto found = nodes.find(entry.path);
      if (!failure) {
        standings.push_back(fail(failure.error()));
      } else if (found == nodes.end()) {
        standings.emplace_back(std::nullopt);
      } else {
        standings.emplace_back(found->second.entry);
      }
    }
    co_return standings;
  }
  Task<std::vector<Expected<void>>> make(std::vector<Entry> entries) override {
    co_await makeGate.pass();
    std::vector<Expected<void>> results;
    for (const Entry& entry : entries) {
      makes.push_back(entry.path);
      results.push_back(failureOf(makeFailures, entry.path));
      if (!results.back()) continue;
      std::string content = entry.sameAs.empty() ? "" : nodes.at(entry.sameAs).content;
      nodes[entry.path] = {entry, content};
    }
    co_return results;
  }
  Task<std::vector<Expected<void>>> put(std::vector<SmallFile> files) override {
    co_await putGate.pass();
    std::vector<Expected<void>> results;
    for (const SmallFile& file : files) {
      results.push_back(failureOf(putFailures, file.entry.path));
      if (results.back()) nodes[file.entry.path] = {file.entry, textOf(file.bytes)};
    }
    co_return results;
  }
  Task<Expected<kj::Own<Writer>>> create(Entry file) override {
    co_await createGate.pass();
    created.push_back(file.path);
    auto failure = failureOf(createFailures, file.path);
    if (!failure) co_return fail(failure.error());
    co_return kj::Own<Writer>(kj::heap<FakeWriter>(*this, file.path));
  }
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override {
    co_await kj::evalLater([]() {});
    std::vector<Expected<std::string>> results;
    for (const Entry& file : files) {
      auto failure = failureOf(digestFailures, file.path);
      if (failure) {
        results.emplace_back(sha256Of(content(file.path)));
      } else {
        results.push_back(fail(failure.error()));
      }
    }
    co_return results;
  }
  Task<Expected<Finished>> finish(bool complete) override {
    ++finishes;
    co_await finishGate.pass();
    finished = complete;
    if (finishingFirst.empty()) co_return finishing;
    Finished part = std::move(finishingFirst.back());
    finishingFirst.pop_back();
    part.done = false;
    co_return std::move(part);
  }

  std::map<std::string, Node> nodes;
  std::map<std::string, std::string> parts;  // earlier ones, and those that are written to now
  std::optional<Roots> began;
  std::optional<bool> finished;
  unsigned finishes = 0;
  Finished finishing;
  std::vector<Finished> finishingFirst;  // parts that come before, the last of these first
  Failures lookFailures, makeFailures, putFailures, createFailures, writeFailures, digestFailures, commitFailures;
  std::set<std::string> looked;
  std::vector<std::string> makes, created, left;
  std::vector<Range> writes;
  size_t pieceSize = size_t{64} * 1024;
  bool garble = false;  // what is written arrives otherwise
  Gate makeGate, putGate, createGate, writeGate, commitGate, finishGate;
  std::set<std::string> neverLeft;

 private:
  struct FakeWriter final : Writer {
    FakeWriter(FakeSink& sink, std::string path) : sink(sink), path(std::move(path)), part(sink.parts[this->path]) {
      earlier = part.size();
    }
    size_t pieceSize() const override { return sink.pieceSize; }
    uint64_t kept() const override { return earlier; }
    Task<Expected<void>> write(uint64_t offset, Bytes bytes) override {
      sink.writes.push_back({offset, bytes.size()});
      co_await sink.writeGate.pass();
      auto failure = failureOf(sink.writeFailures, path);
      if (!failure) co_return failure;
      std::string text = textOf(bytes);
      if (sink.garble) text[0] ^= 1;
      if (part.size() < offset + text.size()) part.resize(offset + text.size());
      part.replace(offset, text.size(), text);
      co_return {};
    }
    Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override {
      co_await kj::evalLater([]() {});
      co_return sha256Of(part, ranges);
    }
    Task<Expected<void>> commit(Entry entry) override {
      co_await sink.commitGate.pass();
      auto failure = failureOf(sink.commitFailures, path);
      if (!failure) co_return failure;
      part.resize(entry.size);
      sink.nodes[path] = {entry, part};
      sink.parts.erase(path);
      co_return {};
    }
    Task<std::string> leave() override {
      co_await kj::evalLater([]() {});
      if (sink.neverLeft.count(path) != 0) co_await kj::Promise<void>(kj::NEVER_DONE);
      sink.left.push_back(path);
      if (part.size() >= kWorthKeeping) co_return "/there/." + path + ".part";
      sink.parts.erase(path);
      co_return "";
    }
    FakeSink& sink;
    std::string path;
    std::string& part;
    uint64_t earlier;
  };
};

}  // namespace cbs::transfer
