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
    "Close connections to a host, or all of them. Those in use are closed when their commands have ended, and are used "
    "for "
    "nothing else; with --now they are cut, and what becomes of their commands is not known. The next command connects "
    "anew.";

const char* const kExamples =
    "  cbsession disconnect web1\n"
    "  cbsession disconnect --now web1\n"
    "  cbsession disconnect --all\n";

std::string text(const std::string& subject, uint32_t closed, uint32_t leaving) {
  if (closed + leaving == 0) return subject + ": no connection\n";
  std::string words = subject + ": closed " + std::to_string(closed);
  if (leaving > 0) words += ", and " + std::to_string(leaving) + " more when nothing uses it any longer";
  return words + "\n";
}

void printJson(uint32_t closed, uint32_t leaving) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::DisconnectReport>();
  report.setClosed(closed);
  report.setLeaving(leaving);
  print(toJson<schema::DisconnectReport>(report));
}

}  // namespace

int runDisconnect(Arguments arguments) {
  std::string target;
  bool all = false, now = false;
  CommandLine line("disconnect", kDescription, kExamples);
  addTarget(line.app(), target);
  line.app().add_flag("--all", all, "Every host");
  line.app().add_flag("--now", now, "Do not wait for commands that run");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (target.empty() != all) return line.complain("name a TARGET, or --all");
  if (auto problem = checkSingleHost("disconnect", target, "\"$host\""); !problem.empty())
    return line.complain(problem);
  auto call = [&](schema::Agent::Client& agent) {
    auto request = agent.disconnectRequest();
    request.setTarget(target.c_str());
    describeCaller(request.initCaller());
    request.setAll(all);
    request.setNow(now);
    return request.send();
  };
  return query(line.common(), call, [&](auto& answer) {
    Error error = decode(answer.getError());
    if (error.kind != ErrorKind::NONE) return reportFailure(error, target, line.common().json());
    if (line.common().json()) return printJson(answer.getClosed(), answer.getLeaving()), 0;
    print(text(all ? "all hosts" : target, answer.getClosed(), answer.getLeaving()));
    return 0;
  });
}

}  // namespace cbs::cli
