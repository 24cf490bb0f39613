#include "agentd/transfer/long_name.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace cbs::transfer {
namespace {

// Mode, links, owner, group, size; what follows has spaces in it.
constexpr size_t kColumns = 5;

std::vector<std::string> columnsOf(std::string_view line) {
  std::vector<std::string> columns;
  while (columns.size() < kColumns) {
    size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    line.remove_prefix(start);
    size_t end = std::min(line.find(' '), line.size());
    columns.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return columns;
}

bool isMode(std::string_view text) {
  constexpr size_t kLength = 10;
  return text.size() >= kLength && std::string_view("-dlbcpsD?").find(text.front()) != std::string_view::npos &&
         text.substr(1, kLength - 1).find_first_not_of("rwxsStT-?") == std::string_view::npos;
}

bool isNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

OwnerNames ownerNames(const ssh::SftpName& name) {
  auto columns = columnsOf(name.longName);
  if (columns.size() < kColumns || !isMode(columns[0]) || !isNumber(columns[4])) return {};
  if (!isNumber(columns[1]) && columns[1] != "?") return {};
  OwnerNames names{columns[2], columns[3]};
  const auto& owner = name.attributes.owner;
  if (owner && names.owner == std::to_string(owner->uid)) names.owner.clear();
  if (owner && names.group == std::to_string(owner->gid)) names.group.clear();
  return names;
}

}  // namespace cbs::transfer
