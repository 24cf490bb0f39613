// As ssh does: which key of which agent. Each case is run by both and held against what is written here.
#include "tests/integration/key_ground.h"

namespace cbs::test {
namespace {

const std::vector<ParityCase> kAgents = {
    {.name = "the agent's keys are offered in its order",
     .config = "Host agent-order",
     .target = "agent-order",
     .outcome = with("b"),
     .environment = agentAt("{agent-ba}")},
    {.name = "the agent's keys come before those of files that it has not",
     .config = "Host agent-first\n IdentityFile {rsa-file}",
     .target = "agent-first",
     .outcome = with("b"),
     .environment = agentAt("{agent-ba}")},
    {.name = "the key of a file comes first when the agent has it",
     .config = "Host agent-and-file\n IdentityFile {a-file}",
     .target = "agent-and-file",
     .outcome = with("a"),
     .environment = agentAt("{agent-ba}")},
    {.name = "IdentitiesOnly passes the agent's other keys over",
     .config = "Host only\n IdentityFile {rsa-file}\n IdentitiesOnly yes",
     .target = "only",
     .outcome = with("rsa"),
     .environment = agentAt("{agent-ba}")},
    {.name = "IdentitiesOnly lets the agent sign for a file's key",
     .config = "Host only-held\n IdentityFile {encrypted-file}\n IdentitiesOnly yes",
     .target = "only-held",
     .outcome = with("encrypted"),
     .environment = agentAt("{agent-many}")},
    {.name = "IdentityAgent is the agent to ask",
     .config = "Host agent-path\n IdentityAgent {agent-ba}",
     .target = "agent-path",
     .outcome = with("b")},
    {.name = "IdentityAgent wins over SSH_AUTH_SOCK",
     .config = "Host agent-wins\n IdentityAgent {agent-ba}",
     .target = "agent-wins",
     .outcome = with("b"),
     .environment = agentAt("{agent-rsa}")},
    {.name = "IdentityAgent none asks no agent",
     .config = "Host agent-none\n IdentityAgent none\n IdentityFile {rsa-file}",
     .target = "agent-none",
     .outcome = with("rsa"),
     .environment = agentAt("{agent-ba}")},
    {.name = "IdentityAgent SSH_AUTH_SOCK is the caller's",
     .config = "Host agent-sock\n IdentityAgent SSH_AUTH_SOCK",
     .target = "agent-sock",
     .outcome = with("b"),
     .environment = agentAt("{agent-ba}")},
    {.name = "IdentityAgent $NAME is in that variable of the daemon's",
     .config = "Host agent-variable-of-all\n IdentityAgent $PARITY_AGENT_OF_ALL",
     .target = "agent-variable-of-all",
     .outcome = with("b"),
     .environment = {{"PARITY_AGENT_OF_ALL", "{agent-ba}"}}},
    {.name = "IdentityAgent $NAME is in that variable of the caller's",
     .config = "Host agent-variable\n IdentityAgent $PARITY_AGENT",
     .target = "agent-variable",
     .outcome = with("b"),
     .environment = {{"PARITY_AGENT", "{agent-ba}"}}},
    {.name = "IdentityAgent may begin with ~",
     .config = "Host agent-tilde\n IdentityAgent ~/agent.sock",
     .target = "agent-tilde",
     .outcome = with("b")},
    {.name = "IdentityAgent may have tokens",
     .config = "Host agent\n IdentityAgent %d/%n.sock",
     .target = "agent",
     .outcome = with("b")},
    {.name = "an agent that is not there is passed over",
     .config = "Host agent-gone\n IdentityFile {a-file}",
     .target = "agent-gone",
     .outcome = with("a"),
     .environment = agentAt("/nonexistent/agent.sock")},
    {.name = "an RSA key of the agent's signs with SHA-2",
     .config = "Host agent-rsa\n IdentityFile {rsa-file}.pub\n IdentitiesOnly yes",
     .target = "agent-rsa",
     .outcome = with("rsa"),
     .environment = agentAt("{agent-rsa}")},
    {.name = "IdentityFile may name the public file of a key in the agent",
     .config = "Host public\n IdentityFile {a-file}.pub\n IdentitiesOnly yes",
     .target = "public",
     .outcome = with("a"),
     .environment = agentAt("{agent-ba}")},
    {.name = "IdentityFile may name a key of which only the public file is there",
     .config = "Host public-only\n IdentityFile {public-only-file}\n IdentitiesOnly yes",
     .target = "public-only",
     .outcome = with("public-only"),
     .environment = agentAt("{agent-many}")},
    {.name = "an encrypted key in the agent logs in",
     .config = "Host encrypted-held\n IdentityFile {encrypted-file}",
     .target = "encrypted-held",
     .outcome = with("encrypted"),
     .environment = agentAt("{agent-many}")},
    {.name = "thirty keys of the agent's are more than MaxAuthTries",
     .config = "Host many",
     .target = "many",
     .outcome = Refusal{242, "Too many authentication failures", "accepted none of our keys"},
     .environment = agentAt("{agent-many}")},
};

TEST_CASE("as ssh does: agents", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  KeyGround ground;
  SshAgent ba, rsa, many;
  ground.fill("ba", ba, {"b", "a"});
  ground.fill("rsa", rsa, {"b", "rsa"});
  std::vector<std::string> strangers;
  for (int i = 0; i < 30; ++i) ground.make(strangers.emplace_back("stranger" + std::to_string(i)));
  ground.fill("many", many, strangers);
  ground.fill("many", many, {"public-only"});
  std::filesystem::remove(ground.keys.path("public-only"));
  many.add({ground.keys.path("encrypted")}, ground.keys.folder().write("askpass", "#!/bin/sh\necho secret\n", 0700));
  ground.matrix.agent().setVariable("PARITY_AGENT_OF_ALL", ba.path());
  // A socket is found through a link, too.
  std::filesystem::create_symlink(ba.path(), ground.matrix.agent().folder().path("home/agent.sock"));
  checkParity(ground.matrix, kAgents, KeyGround::kCommon);
}

}  // namespace
}  // namespace cbs::test
