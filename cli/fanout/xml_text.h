// Bytes of any kind as text of XML 1.0.
#pragma once

#include <string>
#include <string_view>

namespace cbs::cli {

// U+FFFD stands for what XML cannot have: most control characters, and bytes that are no UTF-8.
std::string xmlText(std::string_view bytes);

// For an attribute's value in double quotes, where tabs and line feeds would become spaces.
std::string xmlAttribute(std::string_view bytes);

}  // namespace cbs::cli
