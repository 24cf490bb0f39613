#include "agentd/transfer/named_ends.h"

#include <utility>

namespace cbs::transfer {
namespace {

void name(Error& error, const std::string& target) {
  if (error.fact("target").empty()) error.facts.push_back({"target", target});
}

template <typename T>
Expected<T> named(Expected<T> result, const std::string& target) {
  if (!result) name(result.error(), target);
  return result;
}

template <typename T>
std::vector<Expected<T>> named(std::vector<Expected<T>> results, const std::string& target) {
  for (auto& result : results) {
    if (!result) name(result.error(), target);
  }
  return results;
}

class NamedReader final : public Reader {
 public:
  NamedReader(kj::Own<Reader> reader, const std::string& target) : reader_(kj::mv(reader)), target_(target) {}

  size_t pieceSize() const override { return reader_->pieceSize(); }
  Task<Expected<Bytes>> read(uint64_t offset, size_t length) override {
    co_return named(co_await reader_->read(offset, length), target_);
  }
  Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override {
    co_return named(co_await reader_->digests(std::move(ranges)), target_);
  }
  Task<Expected<void>> checkUnchanged() override { co_return named(co_await reader_->checkUnchanged(), target_); }

 private:
  kj::Own<Reader> reader_;
  const std::string& target_;
};

class NamedWriter final : public Writer {
 public:
  NamedWriter(kj::Own<Writer> writer, const std::string& target) : writer_(kj::mv(writer)), target_(target) {}

  size_t pieceSize() const override { return writer_->pieceSize(); }
  uint64_t kept() const override { return writer_->kept(); }
  Task<Expected<void>> write(uint64_t offset, Bytes bytes) override {
    co_return named(co_await writer_->write(offset, kj::mv(bytes)), target_);
  }
  Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override {
    co_return named(co_await writer_->digests(std::move(ranges)), target_);
  }
  Task<Expected<void>> commit(Entry entry) override {
    co_return named(co_await writer_->commit(std::move(entry)), target_);
  }
  Task<std::string> leave() override { return writer_->leave(); }

 private:
  kj::Own<Writer> writer_;
  const std::string& target_;
};

}  // namespace

Task<Expected<Roots>> NamedSource::roots() { co_return named(co_await source_->roots(), target_); }

Task<Expected<Source::Batch>> NamedSource::next() {
  auto batch = named(co_await source_->next(), target_);
  if (!batch) co_return fail(std::move(batch.error()));
  for (auto& failure : batch->errors) name(failure.error, target_);
  co_return std::move(*batch);
}

Task<std::vector<Expected<Bytes>>> NamedSource::readWhole(std::vector<Entry> files) {
  co_return named(co_await source_->readWhole(std::move(files)), target_);
}

Task<Expected<kj::Own<Reader>>> NamedSource::open(Entry file) {
  auto reader = named(co_await source_->open(std::move(file)), target_);
  if (!reader) co_return fail(std::move(reader.error()));
  co_return kj::Own<Reader>(kj::heap<NamedReader>(kj::mv(*reader), target_));
}

Task<std::vector<Expected<std::string>>> NamedSource::digests(std::vector<Entry> files) {
  co_return named(co_await source_->digests(std::move(files)), target_);
}

Error NamedSink::about(std::string place, Error error) const {
  Error result = sink_->about(std::move(place), std::move(error));
  name(result, target_);
  return result;
}

Task<Expected<std::string>> NamedSink::begin(Roots roots) {
  co_return named(co_await sink_->begin(std::move(roots)), target_);
}

Task<std::vector<Sink::Standing>> NamedSink::look(std::vector<Entry> entries) {
  co_return named(co_await sink_->look(std::move(entries)), target_);
}

Task<std::vector<Expected<void>>> NamedSink::make(std::vector<Entry> entries) {
  co_return named(co_await sink_->make(std::move(entries)), target_);
}

Task<std::vector<Expected<void>>> NamedSink::put(std::vector<SmallFile> files) {
  co_return named(co_await sink_->put(kj::mv(files)), target_);
}

Task<Expected<kj::Own<Writer>>> NamedSink::create(Entry file) {
  auto writer = named(co_await sink_->create(std::move(file)), target_);
  if (!writer) co_return fail(std::move(writer.error()));
  co_return kj::Own<Writer>(kj::heap<NamedWriter>(kj::mv(*writer), target_));
}

Task<std::vector<Expected<std::string>>> NamedSink::digests(std::vector<Entry> files) {
  co_return named(co_await sink_->digests(std::move(files)), target_);
}

Task<Expected<Sink::Finished>> NamedSink::finish(bool complete) {
  auto finished = named(co_await sink_->finish(complete), target_);
  if (!finished) co_return fail(std::move(finished.error()));
  for (auto& failure : finished->errors) name(failure.error, target_);
  co_return std::move(*finished);
}

}  // namespace cbs::transfer
