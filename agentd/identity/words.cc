#include "agentd/identity/words.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr std::string_view kBlanks = " \t\r";

void skipBlanks(std::string_view& line) { line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlanks))); }

std::string takeKeyword(std::string_view& line) {
  std::string word;
  if (line.starts_with('"')) {
    auto length = std::min(line.size(), line.find('"', 1));
    word = line.substr(1, length - 1);
    line.remove_prefix(std::min(line.size(), length + 1));
  } else {
    word = line.substr(0, line.find_first_of(" \t\r="));
    line.remove_prefix(word.size());
  }
  skipBlanks(line);
  if (line.starts_with('=')) line.remove_prefix(1);
  return word;
}

// Whether a backslash before `c` takes its meaning away; else the backslash is a character as any.
bool isEscaped(char c, bool quoted) { return c == '"' || c == '\'' || c == '\\' || (c == ' ' && !quoted); }

// As OpenSSH's argv_split does it.
std::string takeArgument(std::string_view& line) {
  std::string word;
  char quote = 0;
  size_t i = 0;
  for (; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\\' && i + 1 < line.size() && isEscaped(line[i + 1], quote != 0)) {
      word += line[++i];
    } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? '\0' : c;
    } else if (quote == 0 && kBlanks.find(c) != std::string_view::npos) {
      break;
    } else {
      word += c;
    }
  }
  line.remove_prefix(i);
  return word;
}

}  // namespace

std::vector<std::string> splitWords(std::string_view line) {
  std::vector<std::string> words;
  skipBlanks(line);
  while (!line.empty() && line[0] != '#') {
    words.push_back(words.empty() ? takeKeyword(line) : takeArgument(line));
    skipBlanks(line);
  }
  return words;
}

std::string_view takeWord(std::string_view& line) {
  skipBlanks(line);
  auto word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace cbs::identity
