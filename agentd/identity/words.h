// Splitting the lines of OpenSSH's files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

// The words of a line of ssh_config: separated by blanks, the first also by one `=`. Quotes, double or single, may
// stand around a word or a part of it.
std::vector<std::string> splitWords(std::string_view line);

// Removes the first word, separated by spaces and tabs, from `line` and gives it; "" at the end.
std::string_view takeWord(std::string_view& line);

}  // namespace cbs::identity
