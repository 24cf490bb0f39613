// The end of the RPC at which a command's output and outcome arrive.
#pragma once

#include "cli/exec/exec_end.h"
#include "cli/exec/output_target.h"

namespace cbs::cli {

// Passes chunks on to a target, holding back the sender until each has been taken, and fulfils `end` with the outcome,
// or with the failure of a write; `taken` when the command gets our terminal. What it refers to must outlive the
// capability.
class OutputReceiver final : public schema::OutputSink::Server {
 public:
  using End = kj::Own<kj::PromiseFulfiller<ExecEnd>>;
  // `anyOutput` is set when the first chunk arrives.
  OutputReceiver(OutputTarget& target, bool& anyOutput, End end, kj::Own<kj::PromiseFulfiller<void>> taken)
      : target_(target), anyOutput_(anyOutput), end_(kj::mv(end)), taken_(kj::mv(taken)) {}

  kj::Promise<void> write(WriteContext context) override { return take(context); }
  kj::Promise<void> finished(FinishedContext context) override;
  kj::Promise<void> terminalTaken(TerminalTakenContext) override;

 private:
  Task<void> take(WriteContext context);

  OutputTarget& target_;
  bool& anyOutput_;
  End end_;
  kj::Own<kj::PromiseFulfiller<void>> taken_;
};

}  // namespace cbs::cli
