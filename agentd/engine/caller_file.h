// A large file of a caller's: read and written through its descriptor.
#pragma once

#include "agentd/transfer/local_file.h"
#include "agentd/transfer/sink.h"
#include "agentd/transfer/source.h"
#include "schema/transfer.capnp.h"

#include <string>
#include <utility>

namespace cbs::engine {

// Takes the file that an answer of the caller's brought. Fails with transferFailed/localIo.
Task<Expected<transfer::LocalFile>> adoptFile(Loop loop, Turnstile threads, schema::OpenFile::Client file,
                                              transfer::LocalFile::Use use);

class CallerReader final : public transfer::Reader {
 public:
  CallerReader(transfer::LocalFile file, transfer::Entry entry)
      : file_(kj::mv(file)), entry_(kj::mv(entry)), before_(file_.stamp()) {}

  size_t pieceSize() const override;
  Task<Expected<transfer::Bytes>> read(uint64_t offset, size_t length) override;
  Task<Expected<std::vector<std::string>>> digests(std::vector<transfer::Range> ranges) override;
  Task<Expected<void>> checkUnchanged() override;

 private:
  transfer::LocalFile file_;
  transfer::Entry entry_;
  transfer::LocalFile::Stamp before_;
};

class CallerWriter final : public transfer::Writer {
 public:
  // `place`: the absolute path that it is to have, for messages.
  CallerWriter(Loop loop, transfer::LocalFile file, std::string place, schema::FileWriting::Client writing,
               uint64_t kept)
      : loop_(loop), file_(kj::mv(file)), place_(std::move(place)), writing_(kj::mv(writing)), kept_(kept) {}

  size_t pieceSize() const override;
  uint64_t kept() const override { return kept_; }
  Task<Expected<void>> write(uint64_t offset, transfer::Bytes bytes) override;
  Task<Expected<std::vector<std::string>>> digests(std::vector<transfer::Range> ranges) override;
  Task<Expected<void>> commit(transfer::Entry entry) override;
  Task<std::string> leave() override;

 private:
  Loop loop_;
  transfer::LocalFile file_;
  std::string place_;
  schema::FileWriting::Client writing_;
  uint64_t kept_;
};

}  // namespace cbs::engine
