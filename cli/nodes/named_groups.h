// The groups of one source.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

// A file of groups, an inventory, a command. It reads nothing before it is asked, and what it has read it keeps. Errors
// are sentences that name the file or the command, without a full stop.
class NamedGroups {
 public:
  virtual ~NamedGroups() = default;
  // The hosts of a group as a node set expression; nullopt if there is no such group.
  virtual tl::expected<std::optional<std::string>, std::string> group(const std::string& name) = 0;
  // All hosts, as such an expression; "" if there are none.
  virtual tl::expected<std::string, std::string> all() = 0;
  virtual tl::expected<std::vector<std::string>, std::string> names() = 0;
};

// "web1,web2"
inline std::string joined(const std::vector<std::string>& operands) {
  std::string expression;
  for (const std::string& operand : operands) expression += (expression.empty() ? "" : ",") + operand;
  return expression;
}

// "@lab:web,@lab:db": groups by their names, as what they stand for may have operators that bind further to the left.
inline std::string unionOfGroups(const std::string& source, const std::vector<std::string>& names) {
  std::vector<std::string> references;
  for (const std::string& name : names) references.push_back("@" + (source.empty() ? "" : source + ":") + name);
  return joined(references);
}

}  // namespace cbs::cli
