#include "common/version.h"

#include "cli/commands/commands.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/agent.capnp.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kExamples =
    "  cbsession version\n"
    "  cbsession version --output json | jq -r .version\n";

void printJson() {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::VersionReport>();
  report.setVersion(kVersion);
  report.setProtocol(schema::PROTOCOL_VERSION);
  print(toJson<schema::VersionReport>(report));
}

}  // namespace

int runVersion(Arguments arguments) {
  CommandLine line("version", "Print the version of this program.", kExamples);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (line.common().json()) {
    printJson();
  } else {
    print(std::string("cbsession ") + kVersion + "\n");
  }
  return 0;
}

}  // namespace cbs::cli
