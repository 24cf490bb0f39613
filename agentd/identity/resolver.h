// Knows who a host is, and who we are to it.
#pragma once

#include "agentd/identity/caller_context.h"
#include "agentd/identity/config_explanation.h"
#include "agentd/identity/config_query.h"
#include "agentd/identity/config_sources.h"
#include "agentd/identity/key_store.h"
#include "agentd/identity/shared_call.h"
#include "agentd/identity/trust_server.h"
#include "common/loop.h"
#include "common/task.h"
#include "schema/engine.capnp.h"

#include <capnp/message.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::identity {

// A target's answer: all that an engine needs to connect. Shared and unchanging; it may outlive the Resolver.
class Resolved {
 public:
  using Way = std::vector<std::shared_ptr<const Resolved>>;

  // Makes the identity for a caller who can be asked.
  using Identities = std::function<schema::Identity::Client(Asker)>;

  Resolved(kj::Own<capnp::MessageBuilder> message, Identities identities, schema::Trust::Client trust, Way jumps,
           const HostConfig& config)
      : message_(kj::mv(message)),
        identities_(std::move(identities)),
        identity_(identities_({})),
        trust_(kj::mv(trust)),
        jumps_(std::move(jumps)),
        sendEnv_(config.sendEnv),
        identityAgent_(config.identityAgent),
        requestTty_(config.requestTty) {}

  schema::ResolvedHost::Reader host() const { return message_->getRoot<schema::ResolvedHost>().asReader(); }
  schema::Identity::Client identity() const { return identity_; }
  schema::Identity::Client identityFor(const Asker& asker) const {
    return asker.prompter == nullptr ? identity_ : identities_(asker);
  }
  schema::Trust::Client trust() const { return trust_; }
  // The hosts on the way (ProxyJump), the nearest to us first.
  const Way& jumps() const { return jumps_; }
  // Patterns of the variables that a caller's commands get (SendEnv).
  const std::vector<std::string>& sendEnv() const { return sendEnv_; }
  // As HostConfig has it.
  const std::string& identityAgent() const { return identityAgent_; }
  HostConfig::RequestTty requestTty() const { return requestTty_; }

 private:
  mutable kj::Own<capnp::MessageBuilder> message_;
  Identities identities_;
  mutable schema::Identity::Client identity_;
  mutable schema::Trust::Client trust_;
  Way jumps_;
  std::vector<std::string> sendEnv_;
  std::string identityAgent_;
  HostConfig::RequestTty requestTty_;
};

class Resolver {
 public:
  struct Settings {
    std::string configFile = "~/.ssh/config";  // session.ssh.config_file; "none": no file. The default also reads
                                               // /etc/ssh/ssh_config, as ssh does.
    PrivateAgentSettings privateAgent = {};
    std::string ssh = "ssh";  // the program that answers for ssh_config
  };

  Resolver(Loop loop, Settings settings);

  // Looks a target up: [user@]host[:port], a URL, or an alias of ssh_config (core::parseTarget).
  //
  // A target that was asked for before costs microseconds until a file that its answer came from changes, which shows
  // within a second. Callers who ask for the same at the same time share one `ssh` process.
  //   usage/badTarget             the target makes no sense
  //   unreachable/configUnusable  ssh_config cannot be read, asks for what is not supported, or its ProxyJumps lead in
  //   a
  //                               circle
  Task<Expected<std::shared_ptr<const Resolved>>> resolve(std::string target, CallerContext caller);

  // Where ssh_config's settings for a target were decided; fails as `resolve` does. Asks ssh anew each time.
  Task<Expected<std::vector<ConfigSetting>>> settings(std::string target);

 private:
  using Answer = std::shared_ptr<const Resolved>;
  struct Remembered {
    uint64_t generation;
    Answer answer;
  };
  // A target, or a host on the way to one.
  struct Hop {
    std::string target;
    std::string proxyJump = {};            // instead of its own, as ssh -J; "": its own
    std::vector<std::string> beyond = {};  // those that it is on the way to
    SshOptions ssh = {};
  };
  Task<Expected<Answer>> resolveHop(Hop hop, CallerContext caller);
  Task<Expected<HostConfig>> configOf(Hop hop);
  Task<Expected<HostConfig>> ask(Hop hop);
  Task<Expected<Resolved::Way>> wayTo(HostConfig config, Hop hop, CallerContext caller);
  Task<Expected<HostConfig>> defaults();
  void remember(const std::string& key, uint64_t generation, Answer answer);

  Loop loop_;
  ConfigSources sources_;
  ConfigQuery query_;
  std::shared_ptr<KeyStore> keys_;
  std::shared_ptr<TrustFiles> trustFiles_;
  std::optional<HostConfig> defaults_;

  std::unordered_map<std::string, Remembered> remembered_;  // by target, caller and options of ssh
  std::deque<std::string> oldest_;                          // their keys, in the order of their coming
  SharedCalls<HostConfig> asking_;
  SharedCalls<HostConfig> askingDefaults_;
};

}  // namespace cbs::identity
