// Asks the person at the terminal for passphrases, passwords and what else a login wants.
#pragma once

#include "cli/exec/standard_stream.h"
#include "cli/exec/terminal.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"
#include "schema/types.capnp.h"

#include <string>

namespace cbs::cli {

// Serves schema::Prompter, one question after the other: on the controlling terminal, or by the program of SSH_ASKPASS
// as ssh(1) uses it.
class TerminalPrompter final : public schema::Prompter::Server {
 public:
  // What else uses that terminal, and makes way: both may be null.
  TerminalPrompter(Loop loop, StandardStream* input, RawTerminal* terminal)
      : loop_(loop), input_(input), terminal_(terminal) {}

  // Whether there is a terminal, or a program to ask by.
  static bool possible();

  kj::Promise<void> ask(AskContext context) override { return answer(kj::mv(context)); }

 private:
  Task<void> answer(AskContext context);
  Task<Expected<std::string>> onTerminal(std::string text, bool echo);
  Task<Expected<std::string>> byProgram(std::string program, std::string text);

  Loop loop_;
  StandardStream* input_;
  RawTerminal* terminal_;
  Turnstile turns_{1};
};

}  // namespace cbs::cli
