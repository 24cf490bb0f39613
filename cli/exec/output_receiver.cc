#include "cli/exec/output_receiver.h"

namespace cbs::cli {

Task<void> OutputReceiver::take(WriteContext context) {
  anyOutput_ = true;
  auto chunk = context.getParams();
  auto written = co_await target_.write(chunk.getStream(), chunk.getBytes());
  if (!written) end_->fulfill(ExecEnd::failed(written.error()));
}

kj::Promise<void> OutputReceiver::finished(FinishedContext context) {
  end_->fulfill(ExecEnd::told(context.getParams().getOutcome()));
  return kj::READY_NOW;
}

kj::Promise<void> OutputReceiver::terminalTaken(TerminalTakenContext) {
  taken_->fulfill();
  return kj::READY_NOW;
}

}  // namespace cbs::cli
