#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/daemon/caller_context.h"
#include "cli/nodes/single_host.h"
#include "cli/output/explanation_text.h"
#include "common/environment.h"
#include "common/json.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Tell what would happen with a target, and why: where it leads, as whom and with which keys, what is known of its "
    "host key, its connections and limits, whether its circuit breaker is open, the last error, how long the phases of "
    "the last connection took, and which file and line of ssh_config decided each setting. Nothing is connected to. "
    "What is ssh's default is left out; --output json has it.";

const char* const kExamples =
    "  cbsession explain web1\n"
    "  cbsession explain root@192.0.2.7:2222\n"
    "  cbsession explain web1 --output json | jq .engine.breaker\n"
    "  cbsession explain web1 --output json | jq '.settings[] | select(.keyword == \"Ciphers\")'\n";

}  // namespace

int runExplain(Arguments arguments) {
  std::string target;
  CommandLine line("explain", kDescription, kExamples);
  addTarget(line.app(), target)->required();
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = checkSingleHost("explain", target, "\"$host\""); !problem.empty()) return line.complain(problem);
  auto call = [&](schema::Agent::Client& agent) {
    auto request = agent.explainRequest();
    request.setTarget(target.c_str());
    describeCaller(request.initCaller());
    return request.send();
  };
  return query(line.common(), call, [&](auto& answer) {
    auto explanation = answer.getExplanation();
    Error error = decode(explanation.getError());
    if (error.kind != ErrorKind::NONE) return reportFailure(error, target, line.common().json());
    auto environment = processEnvironment();
    print(line.common().json() ? toJson<schema::Explanation>(explanation)
                               : explanationText(explanation, lookUp(environment, "HOME")));
    return 0;
  });
}

}  // namespace cbs::cli
