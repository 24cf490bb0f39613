#include "cli/nodes/node_pattern.h"

#include <algorithm>

namespace cbs::cli {
namespace {

// Longer than any target can be: user, host, port and the marks between them.
constexpr size_t kLongestTarget = 1024;

uint64_t saturatingSum(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }
uint64_t saturatingProduct(uint64_t a, uint64_t b) { return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b; }

// What is between two brackets, which begins at `at`.
tl::expected<std::vector<NumberRange>, NodeFault> parseBrackets(std::string_view inside, size_t at) {
  std::vector<NumberRange> ranges;
  for (size_t begin = 0; begin <= inside.size();) {
    size_t end = std::min(inside.find(',', begin), inside.size());
    auto range = parseNumberRange(inside.substr(begin, end - begin));
    if (!range) return tl::unexpected(NodeFault{at + begin, range.error()});
    ranges.push_back(*range);
    begin = end + 1;
  }
  return ranges;
}

}  // namespace

size_t lengthOfAddress(std::string_view text, size_t at) {
  if (text[at] != '[') return 0;
  bool beginsHost = at == 0 || std::string_view("@/,!&^ \t\r\n").find(text[at - 1]) != std::string_view::npos;
  size_t end = text.find(']', at);
  size_t colon = text.find(':', at);
  return beginsHost && end != text.npos && colon < end ? end + 1 - at : 0;
}

tl::expected<NodePattern, NodeFault> NodePattern::parse(std::string_view text) {
  NodePattern pattern;
  Piece piece;
  for (size_t at = 0; at < text.size();) {
    size_t bracket = std::min(text.find_first_of("[]", at), text.size());
    size_t plain = bracket < text.size() ? bracket + lengthOfAddress(text, bracket) : bracket;
    piece.text += text.substr(at, plain - at);
    at = plain;
    if (bracket < plain || at == text.size()) continue;
    if (text[at] == ']') return tl::unexpected(NodeFault{at, "this ']' closes nothing"});
    size_t close = text.find(']', at);
    if (close == text.npos) return tl::unexpected(NodeFault{at, "expected a ']' that closes this '['"});
    auto numbers = parseBrackets(text.substr(at + 1, close - at - 1), at + 1);
    if (!numbers) return tl::unexpected(numbers.error());
    piece.numbers = std::move(*numbers);
    pattern.pieces_.push_back(std::move(piece));
    piece = {};
    at = close + 1;
  }
  pattern.pieces_.push_back(std::move(piece));
  if (pattern.longest() <= kLongestTarget) return pattern;
  return tl::unexpected(NodeFault{0, "the name is longer than " + std::to_string(kLongestTarget) + " bytes"});
}

size_t NodePattern::longest() const {
  size_t length = 0;
  for (const Piece& piece : pieces_) {
    size_t digits = 0;
    for (const NumberRange& range : piece.numbers) digits = std::max(digits, range.longest());
    length += piece.text.size() + digits;
  }
  return length;
}

uint64_t NodePattern::count() const {
  uint64_t names = 1;
  for (size_t i = 0; i + 1 < pieces_.size(); ++i) {
    uint64_t numbers = 0;
    for (const NumberRange& range : pieces_[i].numbers) numbers = saturatingSum(numbers, range.count());
    names = saturatingProduct(names, numbers);
  }
  return names;
}

}  // namespace cbs::cli
