#include "cli/commands/commands.h"
#include "cli/nodes/fold.h"
#include "cli/nodes/groups_report.h"
#include "cli/nodes/hosts_file.h"
#include "cli/output/exit_code.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

#include <algorithm>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Show what a TARGET stands for: reads node sets and groups, and prints them as one node set, as a list, or their "
    "number. Several TARGETs are put together; `-` is standard input. No host is asked, nor is the daemon.";

const char* const kExamples =
    "  cbsession nodes web1 web2 web3                    web[1-3]\n"
    "  cbsession nodes -e 'web[01-20]!web[05,07]'        a host a line\n"
    "  cbsession nodes -c '@web&@paris'                  how many are in both groups\n"
    "  cut -d' ' -f1 access.log | cbsession nodes -\n"
    "  cbsession nodes --groups --members                the groups and who is in them\n";

struct NodesOptions {
  std::vector<std::string> targets;
  std::vector<std::string> files;
  bool fold = false;  // as it is anyway
  bool expand = false;
  bool count = false;
  bool groups = false;
  bool members = false;
  std::string separator = "\n";
};

void addOptions(CLI::App& app, NodesOptions& options) {
  app.add_option("TARGET", options.targets, "A node set, a host or a group; - reads them from standard input")
      ->type_name("");
  app.add_option("--hosts-file", options.files, "Also the hosts that stand in this file, one or a node set a line")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("-f,--fold", options.fold, "As one node set, which is what is done anyway");
  app.add_flag("-e,--expand", options.expand, "Each host by itself, in the order of the node set");
  app.add_flag("-c,--count", options.count, "How many hosts there are");
  app.add_flag("-l,--groups", options.groups, "The groups; with TARGET, those that have one of its hosts");
  app.add_flag("-m,--members", options.members, "With --groups: how many hosts they have, and which");
  app.add_option("-S,--separator", options.separator,
                 "With --expand: what stands between hosts instead of a line end; may be \\t or \\0")
      ->type_name("TEXT");
}

// What is wrong with the options, or "".
std::string problemOf(const NodesOptions& options) {
  int forms = options.fold + options.expand + options.count + options.groups;
  if (forms > 1) return "--fold, --expand, --count and --groups exclude each other";
  if (options.members && !options.groups) return "--members is for --groups";
  if (options.separator != "\n" && !options.expand) return "--separator is for --expand";
  if (!options.groups && options.targets.empty() && options.files.empty()) return "TARGET is required";
  return "";
}

std::string unescapedSeparator(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    bool known = next == 'n' || next == 't' || next == '0' || next == '\\';
    plain += !known ? text[i] : next == 'n' ? '\n' : next == 't' ? '\t' : next == '0' ? '\0' : '\\';
    i += known ? 1 : 0;
  }
  return plain;
}

NodeReader::Hosts readFile(const std::string& path, NodeReader& reader) {
  auto text = readHostsText(path);
  if (!text) return tl::unexpected(text.error());
  return readHostLines(*text, nameOfHostsFile(path), reader);
}

NodeReader::Hosts readAll(const NodesOptions& options, NodeReader& reader) {
  HostList hosts;
  auto addTo = [&hosts](NodeReader::Hosts more) -> std::optional<std::string> {
    if (!more) return more.error();
    hosts.add(*more);
    return std::nullopt;
  };
  for (const std::string& target : options.targets) {
    auto problem = addTo(target == "-" ? readFile(target, reader) : reader.read(target));
    if (problem) return tl::unexpected(*problem);
  }
  for (const std::string& file : options.files) {
    if (auto problem = addTo(readFile(file, reader))) return tl::unexpected(*problem);
  }
  return hosts;
}

std::string nodesJson(const std::vector<std::string>& names) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::NodesReport>();
  report.setCount(names.size());
  report.setFolded(foldTargets(names).c_str());
  auto nodes = report.initNodes(static_cast<unsigned>(names.size()));
  for (unsigned i = 0; i < nodes.size(); ++i) nodes.set(i, names[i].c_str());
  return toJson<schema::NodesReport>(report);
}

// What ends a line, or a word of `xargs -0`, also stands behind the last host.
std::string separated(const std::vector<std::string>& names, const std::string& separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : separator) + name;
  bool ends = separator == "\n" || separator == std::string(1, '\0');
  return names.empty() ? "" : text + (ends ? separator : "\n");
}

void printNodes(const NodesOptions& options, const std::vector<std::string>& names, bool json) {
  if (json) return print(nodesJson(names));
  if (options.count) return print(std::to_string(names.size()) + "\n");
  if (options.expand) return print(separated(names, unescapedSeparator(options.separator)));
  print(foldTargets(names) + "\n");
}

// Those that have one of `wanted`, unless that is null. A group that cannot be read is complained of and left out.
std::vector<GroupHosts> readGroups(const std::vector<GroupSource::Name>& names, NodeReader& reader,
                                   const HostList* wanted, int& code) {
  std::vector<GroupHosts> groups;
  for (const GroupSource::Name& name : names) {
    auto hosts = reader.readGroup(name.source, name.name);
    if (!hosts) {
      printError("cbsession: nodes: " + hosts.error() + ".\n");
      code = kUsage;
      continue;
    }
    const auto& order = hosts->inOrder();
    auto isWanted = [wanted](const std::string* host) { return wanted->contains(*host); };
    if (wanted != nullptr && std::none_of(order.begin(), order.end(), isWanted)) continue;
    groups.push_back({name, foldTargets(hosts->names()), hosts->size()});
  }
  return groups;
}

int listGroups(const CommandLine& line, const NodesOptions& options, bool json, GroupSource& source, NodeReader& reader,
               const HostList* wanted) {
  auto names = source.names();
  if (!names) return line.complain(names.error());
  if (names->empty() && !json) printError("cbsession: nodes: no groups are defined. Next: man cbsession-nodes\n");
  int code = 0;
  std::vector<GroupHosts> groups;
  if (json || options.members || wanted != nullptr) {
    groups = readGroups(*names, reader, wanted, code);
  } else {
    for (const GroupSource::Name& name : *names) groups.push_back({name, "", 0});
  }
  print(json ? groupsJson(groups) : options.members ? groupsTable(groups) : groupsLines(groups));
  return code;
}

}  // namespace

int runNodes(Arguments arguments) {
  NodesOptions options;
  CommandLine line("nodes", kDescription, kExamples);
  addOptions(line.app(), options);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = problemOf(options); !problem.empty()) return line.complain(problem);

  bool json = line.common().json();
  bool any = !options.targets.empty() || !options.files.empty();
  auto source = makeUserGroups();
  NodeReader reader(*source);
  auto hosts = readAll(options, reader);
  if (!hosts) return line.complain(hosts.error());
  if (options.groups) return listGroups(line, options, json, *source, reader, any ? &*hosts : nullptr);
  printNodes(options, hosts->names(), json);
  return 0;
}

}  // namespace cbs::cli
