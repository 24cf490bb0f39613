// The result of `exec --output json`.
#pragma once

#include "cli/exec/exec_end.h"
#include "cli/exec/output_target.h"
#include "schema/cli.capnp.h"

namespace cbs::cli {

// All but what it has printed.
void describeExecEnd(const std::string& target, const ExecEnd& end, schema::ExecResult::Builder to);

void describeExecResult(const std::string& target, const ExecEnd& end, const CapturedOutput& output,
                        schema::ExecResult::Builder to);

}  // namespace cbs::cli
