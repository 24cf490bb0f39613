// A person at a terminal.
#pragma once

#include "tests/support/private_agent.h"
#include "tests/support/terminal.h"

#include <string>
#include <string_view>
#include <vector>

namespace cbs::test {

// The CLI at a terminal of its own.
class Sitting {
 public:
  Sitting(const PrivateAgent& agent, const std::vector<std::string>& arguments) : process_(start(agent, arguments)) {
    terminal.closeSlave();
  }
  Ended wait() { return process_.wait(); }
  void answer(std::string_view question, const std::string& text) {
    terminal.screen().until(question);
    terminal.type(text + "\r");
  }
  Terminal terminal{80, 25};

 private:
  ChildProcess start(const PrivateAgent& agent, const std::vector<std::string>& arguments) {
    auto program = agent.cliProgram(arguments);
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    return ChildProcess(program);
  }
  ChildProcess process_;
};

}  // namespace cbs::test
