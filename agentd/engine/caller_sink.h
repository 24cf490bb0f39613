// A place of a caller's, as the sink of a transfer.
#pragma once

#include "agentd/transfer/sink.h"
#include "common/loop.h"
#include "common/turnstile.h"
#include "schema/transfer.capnp.h"

namespace cbs::engine {

class CallerSink final : public transfer::Sink {
 public:
  // `threads`: as LocalFile has them. `options` outlive it.
  CallerSink(Loop loop, Turnstile threads, schema::FileSink::Client files, const transfer::Options& options)
      : loop_(loop), threads_(std::move(threads)), files_(kj::mv(files)), options_(options) {}

  Error about(std::string place, Error error) const override;

  Task<Expected<std::string>> begin(transfer::Roots roots) override;
  Task<std::vector<Standing>> look(std::vector<transfer::Entry> entries) override;
  Task<std::vector<Expected<void>>> make(std::vector<transfer::Entry> entries) override;
  Task<std::vector<Expected<void>>> put(std::vector<transfer::SmallFile> files) override;
  Task<Expected<kj::Own<transfer::Writer>>> create(transfer::Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<transfer::Entry> files) override;
  Task<Expected<Finished>> finish(bool complete) override;

 private:
  Task<Expected<std::string>> digest(std::string path);

  Loop loop_;
  Turnstile threads_;
  schema::FileSink::Client files_;
  const transfer::Options& options_;
  transfer::Roots roots_;
  std::string place_;  // where everything goes
};

}  // namespace cbs::engine
