#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/output/stats_text.h"
#include "cli/watch/keys.h"
#include "cli/watch/line_watch.h"
#include "cli/watch/screen_watch.h"
#include "common/duration.h"
#include "common/json.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Show what the daemon is doing and has done.\n\n"
    "With --watch, a terminal shows it over and over, until q is pressed (? shows the other keys); anything else gets "
    "a line each time.";

const char* const kExamples =
    "  cbsession stats\n"
    "  cbsession stats --output json | jq .engine.reused\n"
    "  cbsession stats --watch\n"
    "  cbsession stats --watch --interval 10s --count 6 >minute.log\n";

struct StatsOptions {
  bool watch = false;
  std::string interval;
  WatchOptions watching;
};

void addOptions(CLI::App& app, StatsOptions& options) {
  app.add_flag("-w,--watch", options.watch, "Go on showing it");
  app.add_option("--interval", options.interval, "With --watch: how often, from 200ms to 1h; 1s if not given")
      ->type_name("DUR");
  addNumber(app, "--count", options.watching.count, "With --watch: end after so many lines, also at a terminal");
}

// What is wrong with the options, or "".
std::string understand(StatsOptions& options) {
  uint64_t milliseconds = 1000;
  if (auto problem = readDuration("--interval", options.interval, milliseconds); !problem.empty()) return problem;
  options.watching.interval = static_cast<int64_t>(milliseconds) * kj::MILLISECONDS;
  if (!options.watch && !options.interval.empty()) return "--interval is of no use without --watch";
  if (!options.watch && options.watching.count > 0) return "--count is of no use without --watch";
  bool fits = options.watching.interval >= kShortestInterval && options.watching.interval <= kLongestInterval;
  return fits ? "" : "--interval: '" + options.interval + "' is not between 200ms and 1h";
}

int showOnce(const CommonOptions& common) {
  auto call = [](schema::Agent::Client& agent) { return agent.statsRequest().send(); };
  return query(common, call, [&](auto& answer) {
    auto stats = answer.getStats();
    print(common.json() || common.ndjson() ? toJson<schema::Stats>(stats) : statsText(stats));
    return 0;
  });
}

int watch(const CommonOptions& common, const WatchOptions& options) {
  bool json = common.json() || common.ndjson();
  auto place = common.place();
  auto reached = reachDaemon(place);
  if (!reached) return reportFailure(reached.error(), "", json);
  if (!json && options.count == 0 && outputIsScreen()) return watchOnScreen(kj::mv(reached->socket), place, options);
  return watchAsLines(kj::mv(reached->socket), place, options, json);
}

}  // namespace

int runStats(Arguments arguments) {
  StatsOptions options;
  CommandLine line("stats", kDescription, kExamples);
  addOptions(line.app(), options);
  line.addCommonOptions(CommandLine::Formats::alsoNdjson);
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(options); !problem.empty()) return line.complain(problem);
  return options.watch ? watch(line.common(), options.watching) : showOnce(line.common());
}

}  // namespace cbs::cli
