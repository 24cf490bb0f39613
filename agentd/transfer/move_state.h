// What the parts of one transfer share. It outlives their tasks.
#pragma once

#include "agentd/core/rate_limit.h"
#include "agentd/transfer/allotment.h"
#include "agentd/transfer/file_queue.h"
#include "agentd/transfer/ledger.h"
#include "agentd/transfer/sink.h"
#include "agentd/transfer/source.h"
#include "common/loop.h"

#include <list>
#include <vector>

namespace cbs::transfer {

struct MoveState {
  Loop loop;
  Source& source;
  Sink& sink;
  const Options& options;
  Allotment budget;
  Listener& listener;
  core::RateLimit rate;
  Ledger ledger;
  FileQueue queue = {};
  std::vector<Entry> hardLinks = {};        // which are made when the files that they name are in place
  std::list<kj::Own<Writer>> writers = {};  // that were created and have neither been committed nor left
  std::vector<std::string> parts = {};      // paths of what stays of writers that were left
  Roots roots = {};
  std::string destination = {};  // where everything goes, once that is known

  // Waits until so many bytes may pass.
  Task<void> pace(uint64_t bytes) {
    const kj::TimePoint now = loop.timer.now();
    const kj::TimePoint start = rate.take(bytes, now);
    if (start > now) co_await loop.timer.atTime(start);
  }
};

// Keeps the first failure of several results that are all to be looked at.
inline void keepFirst(Expected<void>& kept, Expected<void> next) {
  if (kept && !next) kept = std::move(next);
}

}  // namespace cbs::transfer
