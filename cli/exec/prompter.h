// Asks the person at the terminal for passphrases, passwords and what else a login wants.
#pragma once

#include "cli/exec/shared_password.h"
#include "cli/exec/standard_stream.h"
#include "cli/exec/terminal.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"
#include "schema/types.capnp.h"

#include <string>
#include <vector>

namespace cbs::cli {

// Draws on the terminal now and then, but not between these.
class Drawing {
 public:
  virtual void pause() = 0;
  virtual void resume() = 0;

 protected:
  ~Drawing() = default;
};

// What else uses the terminal, and makes way while a question is asked. Each may be null.
struct TerminalUsers {
  StandardStream* input = nullptr;
  RawTerminal* terminal = nullptr;
  Drawing* drawing = nullptr;
};

// Serves schema::Prompter, one question after the other: on the controlling terminal, or by the program of SSH_ASKPASS
// as ssh(1) uses it.
class TerminalPrompter final : public schema::Prompter::Server {
 public:
  enum class For { ONE_HOST, MANY_HOSTS };  // of many, a password is asked for once (SharedPassword)

  // `users` outlives it; who uses the terminal may change.
  TerminalPrompter(Loop loop, const TerminalUsers& users, For hosts = For::ONE_HOST)
      : loop_(loop), users_(users), hosts_(hosts) {}

  // Whether there is a terminal, or a program to ask by.
  static bool possible();

  kj::Promise<void> ask(AskContext context) override { return answer(kj::mv(context)); }

 private:
  Task<void> answer(AskContext context);
  Task<Expected<std::vector<SharedSecret>>> askAll(schema::Question::Reader question);
  Task<Expected<std::string>> onTerminal(std::string text, bool echo);
  Task<Expected<std::string>> byProgram(std::string program, std::string text);

  Loop loop_;
  const TerminalUsers& users_;
  For hosts_;
  SharedPassword shared_;
  Turnstile turns_{1};
};

// What is wrong with --ask-pass here, or "". `asked`: it was given.
std::string checkAskPass(bool asked);

}  // namespace cbs::cli
