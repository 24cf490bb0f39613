#include "cli/output/exec_result.h"

#include "cli/output/print.h"
#include "cli/output/result_fields.h"

namespace cbs::cli {

void describeExecEnd(const std::string& target, const ExecEnd& end, schema::ExecResult::Builder to) {
  to.setTarget(target.c_str());
  to.setStatus(end.exitCode);
  if (end.outcome.get() != nullptr) {
    describeOutcomeFields(*end.outcome, to);
    to.setId(end.outcome->getId());
  } else if (end.error.kind == ErrorKind::AGENT_UNREACHABLE) {
    to.getOutcome().setNotSent();
  } else {
    to.getOutcome().setUnknown();
  }
  if (end.error.kind != ErrorKind::NONE) describeFailure(end.error, target, to.initError());
}

void describeExecResult(const std::string& target, const ExecEnd& end, const CapturedOutput& output,
                        schema::ExecResult::Builder to) {
  describeExecEnd(target, end, to);
  describeOutput(output, to);
}

}  // namespace cbs::cli
