// Knows who a host is, and who we are to it.
#pragma once

#include "agentd/identity/config_files.h"
#include "agentd/identity/config_query.h"
#include "agentd/identity/key_store.h"
#include "agentd/identity/known_hosts.h"
#include "agentd/identity/shared_call.h"
#include "common/loop.h"
#include "common/task.h"
#include "schema/engine.capnp.h"

#include <capnp/message.h>

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace cbs::identity {

// What a caller's surroundings say and the daemon cannot know.
struct CallerContext {
  std::string authSock;  // SSH_AUTH_SOCK; "": none
};

// A target's answer: all that an engine needs to connect. Shared and unchanging; it may outlive the Resolver.
class Resolved {
 public:
  Resolved(kj::Own<capnp::MessageBuilder> message, schema::Identity::Client identity, schema::Trust::Client trust)
      : message_(kj::mv(message)), identity_(kj::mv(identity)), trust_(kj::mv(trust)) {}

  schema::ResolvedHost::Reader host() const { return message_->getRoot<schema::ResolvedHost>().asReader(); }
  schema::Identity::Client identity() const { return identity_; }
  schema::Trust::Client trust() const { return trust_; }

 private:
  mutable kj::Own<capnp::MessageBuilder> message_;
  mutable schema::Identity::Client identity_;
  mutable schema::Trust::Client trust_;
};

class Resolver {
 public:
  struct Settings {
    std::string configFile = "~/.ssh/config";  // session.ssh.config_file; "none": no file. The default also reads
                                               // /etc/ssh/ssh_config, as ssh does.
    std::string privateAgentDir;  // where the private ssh-agent's socket is made; made itself (0700) if missing
    std::string ssh = "ssh";      // the program that answers for ssh_config
  };

  Resolver(Loop loop, Settings settings);

  // Looks a target up: [user@]host[:port], a URL, or an alias of ssh_config (core::parseTarget).
  //
  // A target that was asked for before costs microseconds until a file that its answer came from changes, which shows
  // within a second. Callers who ask for the same at the same time share one `ssh` process.
  //   usage/badTarget             the target makes no sense
  //   unreachable/configUnusable  ssh_config cannot be read, or asks for what is not supported (ProxyJump,
  //   ProxyCommand)
  Task<Expected<std::shared_ptr<const Resolved>>> resolve(std::string target, CallerContext caller);

 private:
  using Answer = std::shared_ptr<const Resolved>;
  struct Remembered {
    uint64_t generation;
    Answer answer;
  };
  Task<Expected<Answer>> lookUp(std::string target, CallerContext caller);
  Task<Expected<HostConfig>> defaults();
  void remember(const std::string& key, uint64_t generation, Answer answer);

  Loop loop_;
  ConfigFiles files_;
  ConfigQuery query_;
  std::shared_ptr<KeyStore> keys_;
  std::shared_ptr<KnownHosts> known_;
  std::optional<HostConfig> defaults_;

  std::unordered_map<std::string, Remembered> remembered_;  // by target and caller
  std::deque<std::string> oldest_;                          // their keys, in the order of their coming
  SharedCalls<Answer> lookingUp_;
  SharedCalls<HostConfig> askingDefaults_;
};

}  // namespace cbs::identity
