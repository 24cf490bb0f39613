// Takes in what the source lists: makes folders and links, and queues files.
#pragma once

#include "agentd/transfer/decision.h"
#include "agentd/transfer/move_state.h"

#include <vector>

namespace cbs::transfer {

class Intake {
 public:
  // `state` outlives it.
  explicit Intake(MoveState& state) : state_(state) {}
  KJ_DISALLOW_COPY(Intake);

  // Takes in all, then closes the queue. To be called once. Fails with what ends the transfer.
  Task<Expected<void>> run();

  // Whether everything could be listed.
  bool complete() const { return complete_; }

 private:
  struct Making {
    Entry entry;
    bool there;
  };

  Expected<void> note(Source::Batch& batch);
  Task<Expected<void>> takeIn(std::vector<Entry> entries);
  Expected<std::vector<Making>> sortFolders(const std::vector<Entry>& entries,
                                            const std::vector<Sink::Standing>& standings);
  Task<Expected<void>> make(std::vector<Making> makings);
  Expected<void> made(const Making& making, Expected<void> result);
  Expected<void> takeFile(const Entry& file, const Sink::Standing& standing);
  void queue(const Entry& file, bool compare);
  Error placed(const Entry& entry, Error error);
  Expected<void> failed(const Entry& entry, Error error, bool folderThere);

  MoveState& state_;
  PathSet blocked_;  // folders that could not be made: nothing can go below them
  bool complete_ = true;
};

}  // namespace cbs::transfer
