// What we know about one host's keys, as engines see it.
#pragma once

#include "agentd/identity/host_config.h"
#include "agentd/identity/known_hosts.h"
#include "schema/engine.capnp.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::identity {

struct TrustSettings {
  std::string name;                    // knownHostsName() of the host
  std::string nameWithoutPort;         // asked as well when `name` is unknown, as ssh does; "": not
  std::vector<std::string> userFiles;  // the first one takes new keys
  std::vector<std::string> globalFiles;
  HostConfig::Strict strict = HostConfig::Strict::YES;
  bool hashNames = false;
  std::string algorithms;  // HostKeyAlgorithms
};

TrustSettings trustSettingsOf(const HostConfig& config);

// Serves schema::Trust.
class TrustServer final : public schema::Trust::Server {
 public:
  TrustServer(std::shared_ptr<KnownHosts> known, TrustSettings settings)
      : known_(std::move(known)), settings_(std::move(settings)) {}

  kj::Promise<void> algorithms(AlgorithmsContext context) override { return giveAlgorithms(kj::mv(context)); }
  kj::Promise<void> judge(JudgeContext context) override { return giveJudgement(kj::mv(context)); }

 private:
  Task<void> giveAlgorithms(AlgorithmsContext context);
  Task<void> giveJudgement(JudgeContext context);
  Task<Expected<std::vector<NamedKnownHosts>>> files();
  Task<Expected<void>> judgeKey(std::string blob);
  Task<Expected<void>> judgeUnknown(std::string blob);

  std::shared_ptr<KnownHosts> known_;
  TrustSettings settings_;
};

}  // namespace cbs::identity
