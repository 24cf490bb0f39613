// Standard output and standard error of a command that also has a line of progress on the terminal.
#pragma once

#include "cli/exec/output_target.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// The line of progress, if there is one, is always the last on the terminal: it goes away before anything is written,
// and comes back.
class Console {
 public:
  virtual ~Console() noexcept(false) = default;

  // As OutputTarget::write. A standard error that nobody reads is no error.
  virtual Task<Expected<void>> write(schema::OutputStream stream, std::string text) = 0;

  // Whether it is a terminal, which may be coloured (NO_COLOR, TERM=dumb).
  virtual bool isTerminal(schema::OutputStream stream) const = 0;
  virtual bool coloured(schema::OutputStream stream) const = 0;
};

}  // namespace cbs::cli
