#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/output/connection_table.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kExamples =
    "  cbsession connections\n"
    "  cbsession connections --output json | jq -r '.connections[] | select(.state == \"idle\") | .host'\n";

using Connections = capnp::List<schema::ConnectionInfo>::Reader;

void printJson(Connections connections) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::ConnectionsReport>();
  report.setConnections(connections);
  print(toJson<schema::ConnectionsReport>(report));
}

}  // namespace

int runConnections(Arguments arguments) {
  CommandLine line("connections", "List the daemon's SSH connections and what each is doing right now.", kExamples);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  auto call = [](schema::Agent::Client& agent) { return agent.connectionsRequest().send(); };
  return query(line.common(), call, [&](auto& answer) {
    auto connections = answer.getConnections();
    if (line.common().json()) {
      printJson(connections);
    } else {
      print(connectionTable(connections));
    }
    return 0;
  });
}

}  // namespace cbs::cli
