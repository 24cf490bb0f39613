// Words of others, made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace cbs::cli {

// What could move a terminal's cursor is replaced by `?`, and so are bytes that are no UTF-8; line feeds and tabs
// become spaces, and those at the end are dropped.
std::string printable(std::string_view text);

// At most `characters` of it, and `...` for what is left out.
std::string shortened(const std::string& text, size_t characters);

}  // namespace cbs::cli
