// `exec --output json` on many hosts.
#pragma once

#include "cli/exec/output_target.h"
#include "cli/fanout/presenter_needs.h"

#include <memory>

namespace cbs::cli {

// A FanOutReport, printed in the order of the targets, each result as soon as those before it are there. Of what a host
// prints it has the first `most` bytes of a stream.
std::unique_ptr<Presenter> makeJsonPresenter(PresenterNeeds needs, size_t most = CapturedOutput::kMaxBytes);

}  // namespace cbs::cli
