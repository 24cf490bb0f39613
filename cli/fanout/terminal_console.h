// The console of a command: its standard output and standard error, with a line of progress where that is a terminal.
#pragma once

#include "cli/exec/prompter.h"
#include "cli/fanout/console.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// Gathers what is written until flush(), or until it is a good deal: many small writes cost more than a large one.
class TerminalConsole final : public Console, public Drawing {
 public:
  explicit TerminalConsole(kj::UnixEventPort& port);
  ~TerminalConsole() noexcept(false) { erase(); }

  Task<Expected<void>> write(schema::OutputStream stream, std::string text) override;
  bool isTerminal(schema::OutputStream stream) const override { return terminal_[static_cast<size_t>(stream)]; }
  bool coloured(schema::OutputStream stream) const override { return isTerminal(stream) && colours_; }

  // Writes what has been gathered. Errors are those of write.
  Task<Expected<void>> flush();

  // Whether there is a place for a line of progress: standard error is a terminal that can do it.
  bool draws() const;
  // Shows the line, cut to the terminal's width, until something else is written. Characters are ASCII or `·`.
  void draw(const std::string& line);
  void erase();

  // Drawing: no line between these.
  void pause() override;
  void resume() override { paused_ = false; }

 private:
  LiveOutput live_;
  bool terminal_[2];
  bool colours_;
  bool dumb_;
  schema::OutputStream stream_ = schema::OutputStream::STDOUT;
  std::string pending_;   // for that stream
  bool midLine_ = false;  // what was written to a terminal last has no newline at its end
  bool flushing_ = false;
  std::string drawn_;  // the line that is there, or ""
  bool paused_ = false;
};

}  // namespace cbs::cli
