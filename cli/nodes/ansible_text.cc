#include "cli/nodes/ansible_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cbs::cli {
namespace {

constexpr std::string_view kRangeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool isDigits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

std::optional<size_t> wholeNumberIn(std::string_view text) {
  size_t number = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = problem == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

// Takes the words off a line, a character at a time.
class WordReader {
 public:
  tl::expected<std::vector<std::string>, std::string> read(std::string_view line) {
    for (size_t i = 0; i < line.size(); ++i) {
      char c = line[i];
      bool escapes = c == '\\' && quote_ != '\'' && i + 1 < line.size();
      if (escapes && (quote_ == '\0' || line[i + 1] == '"' || line[i + 1] == '\\')) {
        take(line[++i]);
      } else if (quote_ != '\0') {
        c == quote_ ? void(quote_ = '\0') : take(c);
      } else if (c == '\'' || c == '"') {
        quote_ = c;
        inWord_ = true;
      } else if (c == '#') {
        break;
      } else if (c == ' ' || c == '\t') {
        endWord();
      } else {
        take(c);
      }
    }
    if (quote_ != '\0') return tl::unexpected<std::string>("a quote is not closed");
    endWord();
    return std::move(words_);
  }

 private:
  void take(char c) {
    word_ += c;
    inWord_ = true;
  }
  void endWord() {
    if (inWord_) words_.push_back(std::move(word_));
    word_.clear();
    inWord_ = false;
  }

  std::vector<std::string> words_;
  std::string word_;
  bool inWord_ = false;  // it may be empty, as '' is
  char quote_ = '\0';
};

// What stands for `[begin:end:step]`.
struct Range {
  size_t begin, end, step;
  size_t width = 0;      // with zeros before them, up to so many digits
  bool letters = false;  // the numbers are places in kRangeLetters

  size_t count() const { return (end - begin) / step + 1; }
  std::string at(size_t index) const {
    size_t value = begin + index * step;
    if (letters) return std::string(1, kRangeLetters[value]);
    auto digits = std::to_string(value);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  }
};

tl::expected<Range, std::string> rangeOf(std::string_view begin, std::string_view end, std::string_view step) {
  if (begin.empty()) begin = "0";
  auto stride = wholeNumberIn(step);
  if (!stride || *stride == 0) return tl::unexpected<std::string>("the step of a range must be a number from 1");
  Range range{0, 0, *stride};
  auto first = kRangeLetters.find(begin), last = kRangeLetters.find(end);
  range.letters = begin.size() == 1 && end.size() == 1 && first != kRangeLetters.npos && last != kRangeLetters.npos;
  bool padded = begin.size() > 1 && begin[0] == '0';
  if (padded && begin.size() != end.size())
    return tl::unexpected<std::string>("the ends of a range with zeros are of one length");
  if (padded) range.width = begin.size();
  auto low = range.letters ? std::optional(first) : wholeNumberIn(begin);
  auto high = range.letters ? std::optional(last) : wholeNumberIn(end);
  if (!low || !high)
    return tl::unexpected<std::string>("a range is [begin:end] or [begin:end:step], of numbers or of single letters");
  if (*low > *high) return tl::unexpected<std::string>("a range must begin before it ends");
  range.begin = *low;
  range.end = *high;
  return range;
}

tl::expected<Range, std::string> readRange(std::string_view text) {
  size_t first = text.find(':');
  if (first == text.npos) return tl::unexpected<std::string>("a range is [begin:end] or [begin:end:step]");
  size_t second = text.find(':', first + 1);
  auto end = text.substr(first + 1, second == text.npos ? text.npos : second - first - 1);
  return rangeOf(text.substr(0, first), end, second == text.npos ? "1" : text.substr(second + 1));
}

// Gives what is wrong, or "".
std::string expandInto(const std::string& pattern, size_t most, std::vector<std::string>& names) {
  size_t open = pattern.find('[');
  if (open == pattern.npos) {
    names.push_back(pattern);
    return names.size() > most ? "these are more than " + std::to_string(most) + " hosts" : "";
  }
  size_t close = pattern.find(']', open);
  if (close == pattern.npos) return "a bracket is not closed";
  auto range = readRange(std::string_view(pattern).substr(open + 1, close - open - 1));
  if (!range) return range.error();
  for (size_t i = 0; i < range->count(); ++i) {
    auto problem = expandInto(pattern.substr(0, open) + range->at(i) + pattern.substr(close + 1), most, names);
    if (!problem.empty()) return problem;
  }
  return "";
}

struct PatternAndPort {
  std::string_view pattern, port;
};

// Behind `[…]:` or the only colon that is in no brackets stands a port.
PatternAndPort splitPort(std::string_view word) {
  size_t colon = word.rfind(':');
  if (colon == word.npos || !isDigits(word.substr(colon + 1))) return {word, ""};
  auto before = word.substr(0, colon), port = word.substr(colon + 1);
  bool bracketed = before.starts_with('[') && before.find(']') == before.size() - 1;
  if (bracketed) return {before.substr(1, before.size() - 2), port};
  int depth = 0;
  for (char c : before) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ':' && depth == 0) return {word, ""};
  }
  return depth == 0 ? PatternAndPort{before, port} : PatternAndPort{word, ""};
}

}  // namespace

tl::expected<std::vector<std::string>, std::string> inventoryWords(std::string_view line) {
  return WordReader().read(line);
}

std::string inventoryValue(std::string_view text) {
  if (text.empty()) return "";
  bool quoted = text[0] == '"' || text[0] == '\'';
  size_t end = quoted ? text.find(text[0], 1) : text.find_first_not_of("0123456789");
  if (end == 0 || end == text.npos) return std::string(text);
  auto rest = text.substr(quoted ? end + 1 : end);
  auto next = rest.find_first_not_of(" \t");
  if (next != rest.npos && rest[next] != '#') return std::string(text);
  return std::string(quoted ? text.substr(1, end - 1) : text.substr(0, end));
}

tl::expected<InventoryHosts, std::string> inventoryHosts(std::string_view word, size_t most) {
  auto [pattern, port] = splitPort(word);
  InventoryHosts hosts{{}, std::string(port)};
  if (auto problem = expandInto(std::string(pattern), most, hosts.names); !problem.empty()) {
    return tl::unexpected("'" + std::string(word) + "': " + problem);
  }
  return hosts;
}

}  // namespace cbs::cli
