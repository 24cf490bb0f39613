#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/output/json.h"
#include "cli/output/stats_text.h"

namespace cbs::cli {
namespace {

const char* const kExamples =
    "  cbsession stats\n"
    "  cbsession stats --output json | jq .engine.reused\n";

}  // namespace

int runStats(Arguments arguments) {
  CommandLine line("stats", "Show what the daemon is doing and has done.", kExamples);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  auto call = [](schema::Agent::Client& agent) { return agent.statsRequest().send(); };
  return query(line.common(), call, [&](auto& answer) {
    auto stats = answer.getStats();
    print(line.common().json() ? toJson<schema::Stats>(stats) : statsText(stats));
    return 0;
  });
}

}  // namespace cbs::cli
