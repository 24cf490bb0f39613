// What most tests need: a host, and a daemon that knows it.
#pragma once

#include "tests/support/private_agent.h"
#include "tests/support/sshd.h"

namespace cbs::test {

// An sshd under the name `web1`, and a running daemon.
struct Lab {
  explicit Lab(SshdOptions options = {}, const AgentSettings& settings = {})
      : sshd(std::move(options)), agent(settings) {
    agent.addHost("web1", sshd);
    agent.start();
  }

  // Runs `cbsession exec web1 COMMAND`.
  CliResult exec(const std::string& command, std::string_view input = "") const {
    return agent.cli({"exec", "web1", command}, input);
  }

  Sshd sshd;
  PrivateAgent agent;
};

}  // namespace cbs::test
