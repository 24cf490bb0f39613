#include "cli/nodes/groups_report.h"

#include "cli/output/printable.h"
#include "cli/output/table.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {

std::string labelOfGroup(const GroupSource::Name& name) {
  return printable("@" + (name.source.empty() ? "" : name.source + ":") + name.name);
}

std::string groupsLines(const std::vector<GroupHosts>& groups) {
  std::string text;
  for (const GroupHosts& group : groups) text += labelOfGroup(group.name) + "\n";
  return text;
}

std::string groupsTable(const std::vector<GroupHosts>& groups) {
  if (groups.empty()) return "";
  Table table({{"GROUP"}, {"HOSTS", Table::Align::right}, {"NODES"}});
  for (const GroupHosts& group : groups) {
    table.add({labelOfGroup(group.name), std::to_string(group.count), printable(group.folded)});
  }
  return table.text();
}

std::string groupsJson(const std::vector<GroupHosts>& groups) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::GroupsReport>();
  auto list = report.initGroups(static_cast<unsigned>(groups.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setName(groups[i].name.name.c_str());
    if (!groups[i].name.source.empty()) list[i].setSource(groups[i].name.source.c_str());
    list[i].setNodes(groups[i].folded.c_str());
    list[i].setCount(groups[i].count);
  }
  return toJson<schema::GroupsReport>(report);
}

}  // namespace cbs::cli
