#include "cli/output/exec_result.h"

#include "cli/output/print.h"
#include "cli/output/text_or_base64.h"

namespace cbs::cli {
namespace {

void describeOutcome(schema::Outcome::Reader from, schema::ExecResult::Builder to) {
  auto state = from.getState();
  auto outcome = to.getOutcome();
  switch (state.which()) {
    case schema::Outcome::State::NOT_SENT:
      outcome.setNotSent();
      break;
    case schema::Outcome::State::EXITED:
      outcome.initExited().setExitCode(state.getExited());
      break;
    case schema::Outcome::State::SIGNALLED: {
      auto signalled = outcome.initSignalled();
      signalled.setSignal(state.getSignalled().getName());
      signalled.setCoreDumped(state.getSignalled().getCoreDumped());
      break;
    }
    case schema::Outcome::State::UNKNOWN:
      outcome.setUnknown();
      break;
  }
  to.setReusedConnection(from.getReusedConnection());
  to.setAttempts(from.getAttempts());
  to.setTimes(from.getTimes());
  to.setStdoutBytes(from.getStdoutBytes());
  to.setStderrBytes(from.getStderrBytes());
}

}  // namespace

void describeExecResult(const std::string& target, const ExecEnd& end, const CapturedOutput& output,
                        schema::ExecResult::Builder to) {
  to.setTarget(target.c_str());
  to.setStatus(end.exitCode);
  if (end.outcome.get() != nullptr) {
    describeOutcome(*end.outcome, to);
  } else if (end.error.kind == ErrorKind::AGENT_UNREACHABLE) {
    to.getOutcome().setNotSent();
  } else {
    to.getOutcome().setUnknown();
  }
  if (end.error.kind != ErrorKind::NONE) describeFailure(end.error, target, to.initError());
  const auto& out = output.stream(schema::OutputStream::STDOUT);
  const auto& err = output.stream(schema::OutputStream::STDERR);
  auto outBytes = jsonBytes(out.bytes);
  auto errBytes = jsonBytes(err.bytes);
  to.setStdout(kj::StringPtr(outBytes.text.c_str(), outBytes.text.size()));
  to.setStderr(kj::StringPtr(errBytes.text.c_str(), errBytes.text.size()));
  to.setStdoutBase64(outBytes.base64);
  to.setStderrBase64(errBytes.base64);
  to.setStdoutTruncated(out.truncated);
  to.setStderrTruncated(err.truncated);
}

}  // namespace cbs::cli
