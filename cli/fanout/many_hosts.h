// Work on many hosts, from the daemon to the exit code.
#pragma once

#include "cli/daemon/place.h"
#include "cli/fanout/fan_out_options.h"
#include "cli/fanout/presenter.h"
#include "cli/fanout/terminal_console.h"
#include "common/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// What is done there, and how it is shown. What it refers to outlives the work.
struct ManyHosts {
  const std::vector<std::string>& targets;
  const FanOutPace& pace;
  std::vector<int> signals;  // that are passed on
  bool summary;              // FanOutEnds
  bool quiet;

  std::function<Expected<std::unique_ptr<Presenter>>(TerminalConsole&, Loop)> present;
  // Fills in `work`, and gives its caller.
  std::function<schema::CallerContext::Builder(schema::FanOutRequest::Work::Builder work)> describe;
  std::string_view input = {};  // schema FanOutRequest
};

// Gives the exit code. A daemon is started if `place` lets it.
int runOnMany(const ManyHosts& work, const DaemonPlace& place);

}  // namespace cbs::cli
