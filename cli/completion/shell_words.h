// Words as a shell reads and writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// A command line up to the cursor, as bash has it.
struct TypedLine {
  std::vector<std::string> words;  // that are complete, of the last command in it, unquoted
  std::string current;             // the one that is being typed, unquoted; may be empty
  char quote = '\0';               // the quote that is open in it
  std::string readline;            // the part of it that readline replaces, unquoted
};

// `breaks` is COMP_WORDBREAKS: an unquoted colon in a word makes readline replace only what follows, and an `@` it and
// what follows.
TypedLine readLine(std::string_view line, std::string_view breaks);

// As it has to stand in a word of bash's, after the quote that is open there.
std::string quotedForBash(std::string_view text, char quote);

}  // namespace cbs::cli
