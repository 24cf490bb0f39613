// The fields that several results of `--output json` have in common.
#pragma once

#include "cli/exec/output_target.h"
#include "cli/output/text_or_base64.h"
#include "schema/cli.capnp.h"

namespace cbs::cli {

// What became of a command, for an ExecResult or a JobOutcome.
template <typename Builder>
void describeOutcomeFields(schema::Outcome::Reader from, Builder to) {
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

// What a command has printed, for an ExecResult or a LogReport.
template <typename Builder>
void describeOutput(const CapturedOutput& output, Builder to) {
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
