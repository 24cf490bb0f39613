// `exec --output ndjson` on many hosts.
#pragma once

#include "cli/fanout/presenter_needs.h"

#include <memory>

namespace cbs::cli {

// A line for everything that happens, as it happens: FanOutStartedEvent, FanOutOutputEvent, ExecResult without outputs
// (`event`: ended), and in the end a FanOutSummary. No character of UTF-8 is torn between two lines.
std::unique_ptr<Presenter> makeNdjsonPresenter(PresenterNeeds needs);

}  // namespace cbs::cli
