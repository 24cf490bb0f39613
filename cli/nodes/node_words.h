// The elements of a node set, and what stands between them.
#pragma once

#include "cli/nodes/node_pattern.h"

#include <vector>

namespace cbs::cli {

enum class NodeOperator : char { join = ',', without = '!', both = '&', either = '^' };

struct NodeWord {
  NodeOperator before = NodeOperator::join;  // of the first: join
  size_t at = 0;                             // in the text, in bytes
  std::string_view text;
};

constexpr std::string_view kNodeOperators = ",!&^";
constexpr std::string_view kNodeBlanks = " \t\r\n";

// Whether it stands for those of all hosts that match.
inline bool hasWildcard(std::string_view text) { return text.find_first_of("*?") != text.npos; }

// Splits a node set, at least one element of which must be there. Blanks between elements join them, too.
tl::expected<std::vector<NodeWord>, NodeFault> splitNodeSet(std::string_view text);

}  // namespace cbs::cli
