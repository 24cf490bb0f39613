#include "cli/completion/shell_words.h"

namespace cbs::cli {
namespace {

constexpr std::string_view kBetweenCommands = ";|&(\n";
// As hosts may follow it, readline takes it for a part of what is completed.
constexpr char kKeptBreak = '@';
// What has a meaning for bash outside of quotes.
constexpr std::string_view kSpecial = " \t\"'\\`$&|;<>()*?[]{}!#~";

class LineReader {
 public:
  explicit LineReader(std::string_view breaks) : breaks_(breaks) {}

  void read(char c) {
    if (escaped_) {
      add(c);
      escaped_ = false;
    } else if (c == '\\' && quote_ != '\'') {
      inWord_ = escaped_ = true;
    } else if (quote_ != '\0') {
      c == quote_ ? void(quote_ = '\0') : add(c);
    } else if (c == '\'' || c == '"') {
      inWord_ = true;
      quote_ = c;
      start_ = word_.size();
    } else if (c == ' ' || c == '\t') {
      endWord();
    } else if (kBetweenCommands.find(c) != kBetweenCommands.npos) {
      endWord();
      words_.clear();
    } else {
      add(c);
      if (breaks_.find(c) != breaks_.npos) start_ = word_.size() - (c == kKeptBreak ? 1 : 0);
    }
  }

  TypedLine line() const { return {words_, word_, quote_, word_.substr(start_)}; }

 private:
  void add(char c) {
    word_ += c;
    inWord_ = true;
  }
  void endWord() {
    if (inWord_) words_.push_back(word_);
    word_.clear();
    inWord_ = false;
    start_ = 0;
  }

  std::string_view breaks_;
  std::vector<std::string> words_;
  std::string word_;
  size_t start_ = 0;  // of what readline replaces
  char quote_ = '\0';
  bool escaped_ = false;
  bool inWord_ = false;
};

}  // namespace

TypedLine readLine(std::string_view line, std::string_view breaks) {
  LineReader reader(breaks);
  for (char c : line) reader.read(c);
  return reader.line();
}

std::string quotedForBash(std::string_view text, char quote) {
  std::string quoted;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool home = c == '~' && i == 0 && text.substr(0, 2) == "~/";
    if (quote == '\'') {
      quoted += c == '\'' ? "'\\''" : std::string(1, c);
      continue;
    }
    auto special = quote == '"' ? std::string_view("\"\\`$") : kSpecial;
    if (!home && special.find(c) != special.npos) quoted += '\\';
    quoted += c;
  }
  return quoted;
}

}  // namespace cbs::cli
