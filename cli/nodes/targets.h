// What a TARGET stands for: one host, or many.
#pragma once

#include "cli/nodes/fold.h"
#include "cli/nodes/node_reader.h"

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

struct Targets {
  bool many = false;               // it was written as a node set, of however many hosts
  std::vector<std::string> names;  // each once, in the order of the node set; as ExecRequest.target
};

// Whether `text` is written as a node set: web[1-3], a,b, @group, a!b; not user@host, [::1]:22 or ssh://host.
bool isNodeSet(std::string_view text);

// Reads a TARGET, looking groups up where needed; a node set without any host is an error. The error is a sentence
// about it, without a full stop.
tl::expected<Targets, std::string> readTargets(const std::string& text);
tl::expected<Targets, std::string> readTargets(const std::string& text, GroupSource& groups);

// Reads a file of TARGETs (cli/nodes/hosts_file.h), which are many however many they are. Errors are as of readTargets.
tl::expected<Targets, std::string> readHostsFile(const std::string& path);
tl::expected<Targets, std::string> readHostsFile(const std::string& path, GroupSource& groups);

}  // namespace cbs::cli
