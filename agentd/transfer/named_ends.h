// The ends of a copy between hosts: their errors say which host they are about, as the fact `target`.
#pragma once

#include "agentd/transfer/sink.h"
#include "agentd/transfer/source.h"

#include <string>
#include <vector>

namespace cbs::transfer {

class NamedSource final : public Source {
 public:
  NamedSource(kj::Own<Source> source, std::string target) : source_(kj::mv(source)), target_(std::move(target)) {}

  Task<Expected<Roots>> roots() override;
  Task<Expected<Batch>> next() override;
  Task<std::vector<Expected<Bytes>>> readWhole(std::vector<Entry> files) override;
  Task<Expected<kj::Own<Reader>>> open(Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override;

 private:
  kj::Own<Source> source_;
  std::string target_;
};

class NamedSink final : public Sink {
 public:
  NamedSink(kj::Own<Sink> sink, std::string target) : sink_(kj::mv(sink)), target_(std::move(target)) {}

  Error about(std::string place, Error error) const override;
  Task<Expected<std::string>> begin(Roots roots) override;
  Task<std::vector<Standing>> look(std::vector<Entry> entries) override;
  Task<std::vector<Expected<void>>> make(std::vector<Entry> entries) override;
  Task<std::vector<Expected<void>>> put(std::vector<SmallFile> files) override;
  Task<Expected<kj::Own<Writer>>> create(Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override;
  Task<Expected<Finished>> finish(bool complete) override;

 private:
  kj::Own<Sink> sink_;
  std::string target_;
};

}  // namespace cbs::transfer
