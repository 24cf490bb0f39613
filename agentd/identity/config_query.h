// Asks OpenSSH what its configuration says about a host.
#pragma once

#include "agentd/core/target.h"
#include "agentd/identity/host_config.h"
#include "agentd/identity/shared_call.h"
#include "agentd/identity/ssh_options.h"
#include "common/loop.h"
#include "common/subprocess.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <optional>
#include <string>
#include <unordered_map>

namespace cbs::identity {

class ConfigQuery {
 public:
  // `configFile`: "none" for no file at all, empty for ssh's own choice, else the one file to read (ssh -F).
  ConfigQuery(Loop loop, std::string ssh, std::string configFile)
      : loop_(loop), ssh_(std::move(ssh)), configFile_(std::move(configFile)) {}

  // What ssh would do for `target` with `options`: one process of `ssh -G`, about 4 ms; at most eight run at once and
  // the others wait in line. Fails with unreachable/configUnusable in ssh's own words.
  //
  // Hosts of equal `kin`, if it is given, share one process: their answers differ in their names alone (ConfigKin).
  Task<Expected<HostConfig>> ask(core::Target target, SshOptions options, std::optional<std::string> kin);

  // What it would do without any configuration.
  Task<Expected<HostConfig>> askDefaults();

  // For an explanation: what ssh prints, and what it tells of its reading (parseConfigTrace). Nothing of it is kept.
  // RequestTTY is the configuration's here, while the others ask with -T.
  struct Trace {
    std::string printed;
    std::string steps;
  };
  Task<Expected<Trace>> trace(core::Target target);
  Task<Expected<std::string>> printDefaults();

 private:
  // What ssh printed for a host.
  struct Output {
    std::string host;
    std::string text;
  };
  Task<Expected<Output>> outputFor(core::Target target, SshOptions options);
  Task<Expected<Output>> outputForKin(core::Target target, SshOptions options, std::string kin);
  std::vector<std::string> argumentsFor(const core::Target& target, const SshOptions& options) const;
  Task<Expected<Output>> run(std::vector<std::string> arguments, std::string host);
  Task<Expected<SubprocessResult>> runSsh(std::vector<std::string> arguments, std::string host);

  Loop loop_;
  std::string ssh_;
  std::string configFile_;
  Turnstile turnstile_{8};
  std::unordered_map<std::string, Output> known_;  // by kin, user and port
  SharedCalls<Output> asking_;
};

}  // namespace cbs::identity
