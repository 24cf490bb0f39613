#include "common/config.h"

#include "cli/commands/commands.h"
#include "cli/output/exit_code.h"
#include "cli/output/print.h"
#include "cli/output/table.h"
#include "common/json.h"
#include "common/paths.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>
#include <unistd.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Show the configuration, or check it.\n\n"
    "`show` prints every value with where it came from: the default, the profile, a file and its line, or an "
    "environment "
    "variable. `check` reads FILE, or the file that the daemon would read, and names the line and the key of each "
    "fault; "
    "it exits 2 if there are any.";

const char* const kExamples =
    "  cbsession config show\n"
    "  cbsession config check\n"
    "  cbsession config check ./agentd.toml\n"
    "  cbsession config show --config /etc/cbsession/agentd.toml --output json\n";

using Loaded = tl::expected<LoadedConfig, std::vector<ConfigFault>>;

// `path`: a file that was named; else the daemon's own choice, which need not exist.
Loaded load(const std::string& path) {
  ConfigSource source;
  source.environment = processEnvironment();
  bool named = !path.empty() || !lookUp(source.environment, "CBSESSION_CONFIG").empty();
  source.path = path.empty() ? userPaths(source.environment, geteuid()).config : path;
  source.pathWasExplicit = named;
  return loadConfig(source);
}

void printJson(const Loaded& loaded) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::ConfigReport>();
  if (loaded) {
    auto values = report.initValues(static_cast<unsigned>(loaded->entries.size()));
    for (unsigned i = 0; i < values.size(); ++i) {
      values[i].setKey(loaded->entries[i].key.c_str());
      values[i].setValue(loaded->entries[i].valueText.c_str());
      values[i].setOrigin(loaded->entries[i].origin.c_str());
    }
  } else {
    auto faults = report.initFaults(static_cast<unsigned>(loaded.error().size()));
    for (unsigned i = 0; i < faults.size(); ++i) {
      const ConfigFault& fault = loaded.error()[i];
      faults[i].setFile(fault.file.c_str());
      faults[i].setLine(fault.line);
      faults[i].setKey(fault.key.c_str());
      faults[i].setText(fault.text.c_str());
    }
  }
  print(toJson<schema::ConfigReport>(report));
}

void printValues(const LoadedConfig& loaded) {
  Table table({{"KEY"}, {"VALUE"}, {"FROM"}});
  for (const ConfigEntry& entry : loaded.entries) {
    table.add({entry.key, entry.quoted ? "\"" + entry.valueText + "\"" : entry.valueText, entry.origin});
  }
  print(table.text());
}

int complainAbout(const std::vector<ConfigFault>& faults) {
  for (const ConfigFault& fault : faults) printError("cbsession: " + faultText(fault) + "\n");
  return exitCodeOf(ErrorKind::USAGE);
}

}  // namespace

int runConfig(Arguments arguments) {
  std::string verb, file;
  CommandLine line("config", kDescription, kExamples);
  line.app().add_option("show|check", verb, "What to do")->required()->type_name("");
  line.app().add_option("FILE", file, "The file to check")->type_name("");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (verb != "show" && verb != "check") return line.complain("'" + verb + "' is neither show nor check");
  if (verb == "show" && !file.empty()) return line.complain("show takes no FILE, but --config FILE");

  auto loaded = load(file.empty() ? line.common().config : file);
  if (line.common().json()) printJson(loaded);
  if (!loaded) return complainAbout(loaded.error());
  if (line.common().json()) return 0;
  if (verb == "show") {
    printValues(*loaded);
  } else {
    print("no faults\n");
  }
  return 0;
}

}  // namespace cbs::cli
