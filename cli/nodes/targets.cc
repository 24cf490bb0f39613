#include "cli/nodes/targets.h"

#include "cli/nodes/hosts_file.h"
#include "cli/output/printable.h"

namespace cbs::cli {
namespace {

constexpr size_t kShownTarget = 60;

bool hasNumbers(std::string_view text) {
  for (size_t at = 0; (at = text.find_first_of("[]", at)) != text.npos;) {
    size_t address = lengthOfAddress(text, at);
    if (address == 0) return true;
    at += address;
  }
  return false;
}

}  // namespace

bool isNodeSet(std::string_view text) {
  bool operators = text.find_first_of(kNodeOperators) != text.npos || text.find_first_of(kNodeBlanks) != text.npos;
  bool groups = text.substr(0, 1) == "@" || text.find("@@") != text.npos;
  return operators || groups || hasWildcard(text) || hasNumbers(text);
}

tl::expected<Targets, std::string> readTargets(const std::string& text) {
  if (!isNodeSet(text)) return Targets{false, {text}};
  auto groups = makeUserGroups();
  return readTargets(text, *groups);
}

tl::expected<Targets, std::string> readTargets(const std::string& text, GroupSource& groups) {
  if (!isNodeSet(text)) return Targets{false, {text}};
  auto hosts = NodeReader(groups).read(text);
  if (!hosts) return tl::unexpected(hosts.error());
  if (hosts->size() > 0) return Targets{true, hosts->names()};
  std::string why = hasWildcard(text) ? "; * and ? choose among the hosts of groups" : "";
  return tl::unexpected("node set '" + shortened(printable(text), kShownTarget) + "' has no hosts" + why);
}

tl::expected<Targets, std::string> readHostsFile(const std::string& path) {
  auto groups = makeUserGroups();
  return readHostsFile(path, *groups);
}

tl::expected<Targets, std::string> readHostsFile(const std::string& path, GroupSource& groups) {
  auto text = readHostsText(path);
  if (!text) return tl::unexpected(text.error());
  NodeReader reader(groups);
  auto hosts = readHostLines(*text, nameOfHostsFile(path), reader);
  if (!hosts) return tl::unexpected(hosts.error());
  if (hosts->size() > 0) return Targets{true, hosts->names()};
  return tl::unexpected(nameOfHostsFile(path) + " names no hosts");
}

}  // namespace cbs::cli
