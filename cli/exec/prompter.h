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

// What else uses the terminal, and makes way while a question is asked. Either may be null.
struct TerminalUsers {
  StandardStream* input = nullptr;
  RawTerminal* terminal = nullptr;
};

// Serves schema::Prompter, one question after the other: on the controlling terminal, or by the program of SSH_ASKPASS
// as ssh(1) uses it.
class TerminalPrompter final : public schema::Prompter::Server {
 public:
  // `users` outlives it; who uses the terminal may change.
  TerminalPrompter(Loop loop, const TerminalUsers& users) : loop_(loop), users_(users) {}

  // Whether there is a terminal, or a program to ask by.
  static bool possible();

  kj::Promise<void> ask(AskContext context) override { return answer(kj::mv(context)); }

 private:
  Task<void> answer(AskContext context);
  Task<Expected<std::string>> onTerminal(std::string text, bool echo);
  Task<Expected<std::string>> byProgram(std::string program, std::string text);

  Loop loop_;
  const TerminalUsers& users_;
  Turnstile turns_{1};
};

// What is wrong with --ask-pass here, or "". `asked`: it was given.
std::string checkAskPass(bool asked);

}  // namespace cbs::cli
