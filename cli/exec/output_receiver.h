// The end of the RPC at which a command's output and outcome arrive.
#pragma once

#include "cli/exec/exec_end.h"
#include "cli/exec/output_target.h"

namespace cbs::cli {

// Passes chunks on to a target, holding back the sender until each has been taken, and fulfils `end` with the outcome,
// or with the failure of a write. What it refers to must outlive the capability.
class OutputReceiver final : public schema::OutputSink::Server {
 public:
  using End = kj::Own<kj::PromiseFulfiller<ExecEnd>>;
  // `anyOutput` is set when the first chunk arrives.
  OutputReceiver(OutputTarget& target, bool& anyOutput, End end)
      : target_(target), anyOutput_(anyOutput), end_(kj::mv(end)) {}

  kj::Promise<void> write(WriteContext context) override { return take(context); }
  kj::Promise<void> finished(FinishedContext context) override;

 private:
  Task<void> take(WriteContext context);

  OutputTarget& target_;
  bool& anyOutput_;
  End end_;
};

}  // namespace cbs::cli
