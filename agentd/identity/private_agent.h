// The daemon's own ssh-agent, which holds the key files that the user's agent does not have.
#pragma once

#include "agentd/identity/agent_client.h"
#include "agentd/identity/asker.h"
#include "agentd/identity/shared_call.h"
#include "common/child_process.h"
#include "common/subprocess.h"

#include <memory>
#include <string>

namespace cbs::identity {

struct PrivateAgentSettings {
  std::string folder;                             // of its socket; made (0700) if it is missing
  std::string socketName = "private-agent.sock";  // no two agents at a time have the same
  // What ssh-add runs to get a passphrase: a program that prints the first line of its standard input, which it shares
  // with ssh-add.
  std::string askpass;
  std::vector<std::pair<std::string, std::string>> askpassEnvironment;
  kj::Duration passphraseLifetime = 0 * kj::SECONDS;  // of a key that took a passphrase; 0: the daemon's own
};

// How the passphrase of a key is had.
struct Passphrases {
  Asker asker;
  unsigned attempts;  // how often it may be wrong
};

// Started when first needed, and again when it has died. It never outlives the daemon, however that ends.
class PrivateAgent {
 public:
  PrivateAgent(Loop loop, PrivateAgentSettings settings);

  // Makes sure that the agent has the key of `file`, whose public key is `blob`. Runs `ssh-add` only if it has not. If
  // that takes a passphrase it is asked for, once for all who want the key at that time; not if `passphrases` is null.
  //   authRefused/agentUnavailable  the agent cannot be started, or does not answer
  //   authRefused/keyUnusable       ssh-add refuses the file; the detail has its own words
  //   as askPerson                  the passphrase could not be had
  Task<Expected<void>> ensure(std::string file, std::string blob, std::shared_ptr<const Passphrases> passphrases);

  const std::shared_ptr<AgentClient>& client() const { return client_; }

 private:
  Task<Expected<void>> ensureOnce(std::string file, std::string blob, std::shared_ptr<const Passphrases> passphrases);
  Task<Expected<bool>> has(std::string blob);
  Task<Expected<void>> add(std::string file, std::shared_ptr<const Passphrases> passphrases);
  Task<Expected<SubprocessResult>> runAdd(std::string file, SharedSecret passphrase);
  Task<Expected<void>> start();
  Expected<kj::AutoCloseFd> launch();

  Loop loop_;
  PrivateAgentSettings settings_;
  std::shared_ptr<AgentClient> client_;
  kj::AutoCloseFd lifeline_;  // the agent ends when it is closed
  std::unique_ptr<ChildProcess> process_;
  bool ready_ = false;  // the process has said that it listens
  Turnstile adding_{4};
  SharedCalls<void> starting_;
  SharedCalls<void> ensuring_;
};

}  // namespace cbs::identity
