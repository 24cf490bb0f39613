// One listing of files on a host.
#pragma once

#include "agentd/engine/host_end.h"
#include "agentd/engine/stoppable_run.h"
#include "agentd/engine/transfer_stats.h"
#include "agentd/transfer/listing.h"
#include "schema/engine.capnp.h"

#include <optional>
#include <string>
#include <vector>

namespace cbs::engine {

class ListingRun final : public StoppableRun, private transfer::Lister {
 public:
  // What is referred to outlives it.
  ListingRun(Loop loop, pool::Pool& pool, TransferStats& stats, HostPlace place, bool itself,
             schema::ListingObserver::Client observer);

  // Ends after the observer has been told the end. To be called once; the caller keeps the object alive meanwhile.
  Task<void> run();

 private:
  Task<Expected<void>> list();
  kj::Promise<void> files(std::string path, std::vector<transfer::Listed> files) override;
  kj::Promise<void> failed(transfer::PathError error) override;

  Loop loop_;
  TransferStats& stats_;
  std::optional<HostEnd> host_;
  bool itself_;
  schema::ListingObserver::Client observer_;
  uint64_t tookUs_ = 0;
};

}  // namespace cbs::engine
