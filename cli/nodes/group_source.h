// Where groups of hosts come from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

// Errors are sentences, without a full stop: a file that cannot be read, a command that fails.
class GroupSource {
 public:
  virtual ~GroupSource() noexcept(false) = default;

  // The hosts of a group, as a node set expression, which may name further groups. `source`: "" for whichever has it.
  // nullopt: there is no such group.
  virtual tl::expected<std::optional<std::string>, std::string> group(const std::string& source,
                                                                      const std::string& name) = 0;

  // All hosts of a source, or of all sources, as an expression (`@*`). May be "".
  virtual tl::expected<std::string, std::string> all(const std::string& source) = 0;

  struct Name {
    std::string source;
    std::string name;
  };

  // All groups.
  virtual tl::expected<std::vector<Name>, std::string> names() = 0;
};

// That of the user's files. Reads nothing before it is asked.
std::unique_ptr<GroupSource> makeUserGroups();

}  // namespace cbs::cli
