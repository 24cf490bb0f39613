#include "agentd/identity/words.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr std::string_view kBlanks = " \t\r";

void skipBlanks(std::string_view& line) { line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlanks))); }

std::string takeConfigWord(std::string_view& line, bool isKeyword) {
  size_t length;
  std::string word;
  if (line.starts_with('"')) {
    length = std::min(line.size(), line.find('"', 1));
    word = line.substr(1, length - 1);
    line.remove_prefix(std::min(line.size(), length + 1));
  } else {
    length = std::min(line.size(), line.find_first_of(isKeyword ? " \t\r=" : " \t\r"));
    word = line.substr(0, length);
    line.remove_prefix(length);
  }
  skipBlanks(line);
  if (isKeyword && line.starts_with('=')) line.remove_prefix(1);
  skipBlanks(line);
  return word;
}

}  // namespace

std::vector<std::string> splitWords(std::string_view line) {
  std::vector<std::string> words;
  skipBlanks(line);
  while (!line.empty() && line[0] != '#') words.push_back(takeConfigWord(line, words.empty()));
  return words;
}

std::string_view takeWord(std::string_view& line) {
  skipBlanks(line);
  auto word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace cbs::identity
