// One element of a node set: deploy@web[01-20,30]-dc[1-2]:2222.
#pragma once

#include "cli/nodes/number_range.h"

#include <utility>
#include <vector>

namespace cbs::cli {

// What is wrong with a text, and where.
struct NodeFault {
  size_t at = 0;  // in bytes; npos: it is no matter of the text
  std::string what;
};

// Of a numeric address in brackets that begins there, as `[::1]` in `me@[::1]:22`, the length; else 0.
size_t lengthOfAddress(std::string_view text, size_t at);

// Text with any number of brackets in it, each of which stands for its numbers; all combinations are meant.
class NodePattern {
 public:
  static tl::expected<NodePattern, NodeFault> parse(std::string_view text);

  // The names that there are, with those that are there twice; UINT64_MAX for any that are more.
  uint64_t count() const;

  // Gives them to `take`, the last brackets varying first.
  template <typename Take>
  void expand(Take take) const {
    std::string name;
    expandFrom(0, name, take);
  }

 private:
  struct Piece {
    std::string text;
    std::vector<NumberRange> numbers;  // that come after it; none in the last piece
  };

  template <typename Take>
  void expandFrom(size_t index, std::string& name, Take& take) const;
  size_t longest() const;

  std::vector<Piece> pieces_;
};

template <typename Take>
void NodePattern::expandFrom(size_t index, std::string& name, Take& take) const {
  const Piece& piece = pieces_[index];
  name += piece.text;
  if (index + 1 == pieces_.size()) return take(std::as_const(name));
  size_t length = name.size();
  for (const NumberRange& range : piece.numbers) {
    for (uint64_t place = 0; place < range.count(); ++place) {
      range.append(place, name);
      expandFrom(index + 1, name, take);
      name.resize(length);
    }
  }
}

}  // namespace cbs::cli
