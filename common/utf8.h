// Text that others have chosen, for formats that take nothing but UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cbs {

// How many bytes the character takes that `text`, which is not empty, begins with; 0 if it is none (RFC 3629).
size_t utf8Length(std::string_view text);

// The text itself if it is well-formed; else with U+FFFD for each byte that belongs to no character.
std::string wellFormedUtf8(std::string_view text);

}  // namespace cbs
