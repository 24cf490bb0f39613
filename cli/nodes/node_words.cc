#include "cli/nodes/node_words.h"

#include <algorithm>
#include <optional>

namespace cbs::cli {
namespace {

bool among(std::string_view some, char c) { return some.find(c) != some.npos; }

// The end of the element that begins there. What stands in brackets is part of it.
tl::expected<size_t, NodeFault> endOfElement(std::string_view text, size_t at) {
  while (at < text.size() && !among(kNodeOperators, text[at]) && !among(kNodeBlanks, text[at])) {
    size_t close = text[at] == '[' ? text.find(']', at) : at;
    if (close == text.npos) return tl::unexpected(NodeFault{at, "expected a ']' that closes this '['"});
    at = close + 1;
  }
  return at;
}

// Reads from the beginning to the end.
class NodeWordSplitter {
 public:
  explicit NodeWordSplitter(std::string_view text) : text_(text) {}

  tl::expected<std::vector<NodeWord>, NodeFault> split() {
    std::vector<NodeWord> words;
    std::optional<NodeOperator> before;
    for (skipBlanks(); at_ < text_.size() || before || words.empty(); skipBlanks()) {
      if (at_ == text_.size() || among(kNodeOperators, text_[at_])) return tl::unexpected(missing(words, before));
      auto end = endOfElement(text_, at_);
      if (!end) return tl::unexpected(end.error());
      words.push_back({before.value_or(NodeOperator::join), at_, text_.substr(at_, *end - at_)});
      at_ = *end;
      before = takeOperator();
    }
    return words;
  }

 private:
  void skipBlanks() { at_ = std::min(text_.find_first_not_of(kNodeBlanks, at_), text_.size()); }

  std::optional<NodeOperator> takeOperator() {
    skipBlanks();
    if (at_ == text_.size() || !among(kNodeOperators, text_[at_])) return std::nullopt;
    return NodeOperator{text_[at_++]};
  }

  NodeFault missing(const std::vector<NodeWord>& words, std::optional<NodeOperator> before) const {
    auto quoted = [](char c) { return std::string("'") + c + "'"; };
    std::string what = "expected a host or a group";
    if (before) what += " after " + quoted(static_cast<char>(*before));
    if (at_ < text_.size()) return {at_, what + (words.empty() ? " before " : ", not ") + quoted(text_[at_])};
    return {at_, what};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

tl::expected<std::vector<NodeWord>, NodeFault> splitNodeSet(std::string_view text) {
  return NodeWordSplitter(text).split();
}

}  // namespace cbs::cli
