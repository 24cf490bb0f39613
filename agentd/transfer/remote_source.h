// Files and trees on a host, as the source of a transfer.
#pragma once

#include "agentd/transfer/closing.h"
#include "agentd/transfer/digest_run.h"
#include "agentd/transfer/remote_roots.h"
#include "agentd/transfer/remote_walk.h"
#include "agentd/transfer/source.h"
#include "agentd/transfer/streams.h"

#include <kj/memory.h>

namespace cbs::transfer {

class RemoteSource final : public Source {
 public:
  // `paths` are as scp takes them: relative ones and `~/` begin at the home directory; with `*`, `?` and `[…]` in them
  // they are patterns; a slash at the end asks for the contents of a folder. What is referred to outlives it.
  RemoteSource(Loop loop, Streams& streams, Channels& channels, std::vector<std::string> paths, const Options& options);
  KJ_DISALLOW_COPY(RemoteSource);

  // Fails if none of the paths can be moved, with the first one's error; else the others' errors come with next().
  Task<Expected<Roots>> roots() override;
  Task<Expected<Batch>> next() override;
  Task<std::vector<Expected<Bytes>>> readWhole(std::vector<Entry> files) override;
  Task<Expected<kj::Own<Reader>>> open(Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override;

 private:
  std::string pathOf(const Entry& file) const;

  Streams& streams_;
  DigestHost digestHost_;
  std::vector<std::string> paths_;
  const Options& options_;
  Closing closing_;
  std::vector<RemoteRoot> roots_;
  kj::Own<RemoteWalk> walk_;
};

}  // namespace cbs::transfer
