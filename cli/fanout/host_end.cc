#include "cli/fanout/host_end.h"

#include "cli/exec/exec_end.h"
#include "cli/output/exit_code.h"
#include "cli/transfer/transfer_end.h"

#include <capnp/message.h>

namespace cbs::cli {

HostEnd HostEnd::told(schema::Outcome::Reader outcome) {
  auto end = ExecEnd::told(outcome);
  return {std::move(end.error), end.exitCode, kj::mv(end.outcome), {}};
}

HostEnd HostEnd::moved(schema::TransferResult::Reader result) {
  auto end = TransferEnd::told(result);
  return {std::move(end.error), end.exitCode, {}, kj::mv(end.result)};
}

HostEnd HostEnd::lost(Error why) {
  auto end = ExecEnd::failed(std::move(why));
  return {std::move(end.error), end.exitCode, {}, {}};
}

HostEnd HostEnd::notBegun(Error why) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  outcome.getState().setNotSent();
  encode(why, outcome.initError());
  return told(outcome);
}

bool HostEnd::skipped() const {
  if (error.reason == Reason::FAILURES_EXCEEDED) return true;
  if (error.reason != Reason::CALLER_CANCELLED) return false;
  if (outcome.get() != nullptr) return outcome->getState().isNotSent();
  return result.get() != nullptr && result->getId().size() == 0;  // an upload that never came to the engine
}

}  // namespace cbs::cli
