// Moves what a source has to a sink: decides what has to be done for each entry, keeps much of it under way at once,
// and tells what has become of it.
#pragma once

#include "agentd/transfer/budget.h"
#include "agentd/transfer/listener.h"
#include "agentd/transfer/sink.h"
#include "agentd/transfer/source.h"
#include "common/loop.h"

#include <kj/memory.h>

#include <string>
#include <vector>

namespace cbs::transfer {

class Mover {
 public:
  // What is referred to outlives it.
  Mover(Loop loop, Source& source, Sink& sink, const Options& options, Budget& budget, Listener& listener);
  ~Mover() noexcept(false);
  KJ_DISALLOW_COPY(Mover);

  // To be called once. Fails if it cannot go on. Failures of single entries are told, and the first of them is
  // firstFailure().
  Task<Expected<void>> run();
  // After run() was dropped or has failed: gives up what was begun.
  Task<void> leave();
  // The paths of parts that stay, as far as leave() has come.
  const std::vector<std::string>& parts() const;

  const Tally& tally() const;
  const Error& firstFailure() const;  // kind NONE: there was none
  // Where everything goes, once that is known.
  const std::string& destination() const;

 private:
  struct Work;

  Task<Expected<void>> moveAll();
  Task<Expected<void>> finish();
  Task<Expected<void>> tell(Sink::Finished finished);

  kj::Own<Work> work_;
};

}  // namespace cbs::transfer
