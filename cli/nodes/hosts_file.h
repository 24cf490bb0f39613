// Files that name hosts: a node set or a target in each line. `#` begins a comment at the beginning of a line and after
// a blank; empty lines do not count.
#pragma once

#include "cli/nodes/node_reader.h"

namespace cbs::cli {

// `-` is standard input.
std::string nameOfHostsFile(const std::string& path);

// All of a file, a pipe or standard input. Blocks. Fails, with a sentence, if it cannot be read, is no text or is
// larger than any list of hosts.
tl::expected<std::string, std::string> readHostsText(const std::string& path);

// The hosts of all lines. The error begins with `file:line: `.
NodeReader::Hosts readHostLines(std::string_view text, const std::string& file, NodeReader& reader);

}  // namespace cbs::cli
