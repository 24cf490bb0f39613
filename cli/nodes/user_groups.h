// The groups that a user's files know.
#pragma once

#include "cli/nodes/group_source.h"
#include "cli/nodes/named_groups.h"
#include "common/environment.h"

#include <cstdint>

namespace cbs::cli {

// Those of the groups file come first, then those of its sources in their order, then those of ClusterShell's own
// files; see cbsession-groups(5).
class UserGroups final : public GroupSource {
 public:
  struct World {
    Environment environment;
    std::string etc = "/etc";
    uint64_t longestCommandMs = UINT64_MAX;  // a command gets no more, whatever the groups file gives it
  };
  explicit UserGroups(World world) : world_(std::move(world)) {}

  tl::expected<std::optional<std::string>, std::string> group(const std::string& source,
                                                              const std::string& name) override;
  tl::expected<std::string, std::string> all(const std::string& source) override;
  tl::expected<std::vector<Name>, std::string> names() override;

  // names() of the sources that can be read.
  std::vector<Name> readableNames();

 private:
  struct Source {
    std::string name;
    bool ofGroupsFile;
    std::unique_ptr<NamedGroups> groups;
  };

  // These give what is wrong, or "".
  std::string open();
  std::string openGroupsFile();
  void openClusterShell();

  bool has(const std::string& name) const;
  tl::expected<NamedGroups*, std::string> sourceOf(const std::string& name) const;
  std::string unknownSource(const std::string& name) const;
  tl::expected<std::optional<std::string>, std::string> nowhere(const std::string& name) const;
  tl::expected<std::string, std::string> allOfAll() const;

  World world_;
  bool opened_ = false;
  std::string problem_;                                      // of the groups file
  std::vector<std::pair<std::string, std::string>> groups_;  // name, node set
  std::vector<Source> sources_;
  std::vector<std::string> unread_;  // files that may have groups, and are not read
};

}  // namespace cbs::cli
