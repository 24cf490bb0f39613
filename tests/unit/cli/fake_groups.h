// Groups of a test's own.
#pragma once

#include "cli/nodes/group_source.h"

#include <map>

namespace cbs::cli {

// `groups`: by `name` or `source:name`, as in a file.
struct FakeGroups final : GroupSource {
  using Groups = std::map<std::string, std::string>;
  explicit FakeGroups(Groups these) : groups(std::move(these)) {}

  tl::expected<std::optional<std::string>, std::string> group(const std::string& source,
                                                              const std::string& name) override {
    ++asked;
    if (source == "broken") return tl::unexpected<std::string>("cannot read groups.toml: no");
    auto found = groups.find((source.empty() ? "" : source + ":") + name);
    return found == groups.end() ? std::nullopt : std::optional(found->second);
  }

  tl::expected<std::string, std::string> all(const std::string& source) override {
    std::string prefix = source.empty() ? "" : source + ":";
    std::string nodes;
    for (const auto& [name, members] : groups) {
      if (name.compare(0, prefix.size(), prefix) == 0) nodes += "@" + name + " ";
    }
    return nodes;
  }

  tl::expected<std::vector<Name>, std::string> names() override {
    std::vector<Name> names;
    for (const auto& [name, members] : groups) {
      size_t colon = name.find(':');
      if (colon == name.npos) names.push_back({"", name});
      if (colon != name.npos) names.push_back({name.substr(0, colon), name.substr(colon + 1)});
    }
    return names;
  }

  Groups groups;
  int asked = 0;
};

}  // namespace cbs::cli
