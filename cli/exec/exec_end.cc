#include "cli/exec/exec_end.h"

#include "cli/output/exit_code.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

// An outcome that is no status of the command's own always has an error, so that there are words for it.
Error errorOf(schema::Outcome::Reader outcome) {
  auto error = decode(outcome.getError());
  if (error.kind != ErrorKind::NONE) return error;
  if (outcome.getState().isUnknown()) return {ErrorKind::LOST, Reason::STATUS_MISSING, ""};
  if (outcome.getState().isNotSent())
    return {ErrorKind::INTERNAL, Reason::UNSPECIFIED, "not sent, for no reason given"};
  return error;
}

}  // namespace

ExecEnd ExecEnd::told(schema::Outcome::Reader outcome) {
  ExecEnd end;
  end.outcome = capnp::clone(outcome);
  end.error = errorOf(outcome);
  end.exitCode = exitCodeOf(outcome);
  return end;
}

ExecEnd ExecEnd::failed(Error error) {
  int code = error.reason == Reason::CALLER_GONE ? kBrokenPipe : exitCodeOf(error.kind);
  return {{}, std::move(error), code};
}

ExecEnd ExecEnd::left(int signal) {
  Error error{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED,
              "a second signal; whether the remote command has ended is unknown"};
  return {{}, std::move(error), 128 + signal};
}

}  // namespace cbs::cli
