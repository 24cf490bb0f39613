// A place on a host, as the sink of a transfer.
#pragma once

#include "agentd/transfer/parts_in_use.h"
#include "agentd/transfer/remote_extras.h"
#include "agentd/transfer/remote_target.h"
#include "agentd/transfer/sink.h"
#include "agentd/transfer/streams.h"

#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {

class RemoteSink final : public Sink {
 public:
  // `destination` is as scp takes it: a relative one and `~/` begin at the home directory. `hostKey` tells hosts apart
  // in `parts`. What is referred to outlives it.
  RemoteSink(Loop loop, Streams& streams, Channels& channels, std::string destination, const Options& options,
             PartsInUse& parts, std::string hostKey);

  Task<Expected<std::string>> begin(Roots roots) override;
  Task<std::vector<Standing>> look(std::vector<Entry> entries) override;
  Task<std::vector<Expected<void>>> make(std::vector<Entry> entries) override;
  Task<std::vector<Expected<void>>> put(std::vector<SmallFile> files) override;
  Task<Expected<kj::Own<Writer>>> create(Entry file) override;
  Task<std::vector<Expected<std::string>>> digests(std::vector<Entry> files) override;
  // Also removes what calls of put and make that were dropped have left.
  Task<Expected<Finished>> finish(bool complete) override;

 private:
  std::string destination_;
  RemoteTarget target_;
  std::optional<RemoteExtras> extras_;
};

}  // namespace cbs::transfer
