// What stands before each line of a host, and how its lines are made fit to stand among others.
#pragma once

#include "cli/fanout/console.h"

#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// `web1: `. On a terminal the names are aligned, and coloured if it may be.
class HostMarks {
 public:
  // Both outlive it.
  HostMarks(const std::vector<std::string>& targets, const Console& console);

  std::string of(uint32_t host, schema::OutputStream stream) const;

 private:
  const std::vector<std::string>& targets_;
  const Console& console_;
  size_t width_ = 0;  // of the names, in bytes
};

// A host's text for a terminal: a line ends with a newline alone. A carriage return before that is dropped, and any
// other one ends its line as well, as it would take the cursor back over the host's name.
class LineEnds {
 public:
  // `midLine`: the text before has not ended its line.
  std::string convert(std::string_view text, bool midLine);

 private:
  bool returned_ = false;  // the text before ended in a carriage return
};

}  // namespace cbs::cli
