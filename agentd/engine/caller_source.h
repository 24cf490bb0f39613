// A caller's files, as the source of a transfer.
#pragma once

#include "agentd/transfer/local_file.h"
#include "agentd/transfer/source.h"
#include "common/loop.h"
#include "common/turnstile.h"
#include "schema/transfer.capnp.h"

namespace cbs::engine {

class CallerSource final : public transfer::Source {
 public:
  // `threads`: as LocalFile has them.
  CallerSource(Loop loop, Turnstile threads, schema::FileSource::Client files)
      : loop_(loop), threads_(std::move(threads)), files_(kj::mv(files)) {}

  Task<Expected<transfer::Roots>> roots() override;
  Task<Expected<Batch>> next() override;
  Task<std::vector<Expected<transfer::Bytes>>> readWhole(std::vector<transfer::Entry> files) override;
  Task<Expected<kj::Own<transfer::Reader>>> open(transfer::Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<transfer::Entry> files) override;

 private:
  Task<Expected<transfer::LocalFile>> openFile(uint64_t id);

  Loop loop_;
  Turnstile threads_;
  schema::FileSource::Client files_;
};

}  // namespace cbs::engine
