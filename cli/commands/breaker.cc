#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/daemon/caller_context.h"
#include "cli/nodes/single_host.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Close the circuit breaker of a host, or of all, so that the next command tries it again at once. A breaker opens "
    "after "
    "failed connections, or a login that the server has refused; `cbsession explain TARGET` tells.";

const char* const kExamples =
    "  cbsession breaker reset web1\n"
    "  cbsession breaker reset --all\n";

void printJson(uint32_t hosts) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::BreakerReport>();
  report.setHosts(hosts);
  print(toJson<schema::BreakerReport>(report));
}

std::string text(const std::string& target, uint32_t hosts) {
  if (target.empty()) return std::to_string(hosts) + (hosts == 1 ? " host" : " hosts") + " may be tried again\n";
  return target + (hosts == 0 ? ": there was no failure to forget\n" : ": may be tried again\n");
}

}  // namespace

int runBreaker(Arguments arguments) {
  std::string verb, target;
  bool all = false;
  CommandLine line("breaker", kDescription, kExamples);
  line.app().add_option("reset", verb, "What to do")->required()->type_name("");
  addTarget(line.app(), target);
  line.app().add_flag("--all", all, "Every host");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (verb != "reset") return line.complain("'" + verb + "' is not reset");
  if (target.empty() != all) return line.complain("name a TARGET, or --all");
  if (auto problem = checkSingleHost("breaker reset", target, "\"$host\""); !problem.empty())
    return line.complain(problem);
  auto call = [&](schema::Agent::Client& agent) {
    auto request = agent.resetBreakerRequest();
    request.setTarget(target.c_str());
    describeCaller(request.initCaller());
    request.setAll(all);
    return request.send();
  };
  return query(line.common(), call, [&](auto& answer) {
    Error error = decode(answer.getError());
    if (error.kind != ErrorKind::NONE) return reportFailure(error, target, line.common().json());
    if (line.common().json()) return printJson(answer.getHosts()), 0;
    print(text(target, answer.getHosts()));
    return 0;
  });
}

}  // namespace cbs::cli
