// What we know about one host's keys, as engines see it.
#pragma once

#include "agentd/identity/host_config.h"
#include "agentd/identity/known_hosts.h"
#include "agentd/identity/revoked_keys.h"
#include "schema/engine.capnp.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::identity {

struct TrustSettings {
  std::string name;                    // knownHostsName() of the host
  std::string nameWithoutPort;         // asked as well when `name` is unknown, as ssh does; "": not
  std::string certificateName;         // what a certificate must name
  std::vector<std::string> userFiles;  // the first one takes new keys
  std::vector<std::string> globalFiles;
  std::vector<std::string> revokedHostKeys;
  HostConfig::Strict strict = HostConfig::Strict::YES;
  bool loopbackUnjudged = false;  // NoHostAuthenticationForLocalhost, where it applies
  bool hashNames = false;
  size_t requiredRsaBits = 0;
  std::string algorithms;  // HostKeyAlgorithms
  std::string caSignatureAlgorithms;
};

TrustSettings trustSettingsOf(const HostConfig& config);

// What all the hosts' TrustServers share.
struct TrustFiles {
  explicit TrustFiles(Loop loop) : known(loop), revoked(loop) {}
  KnownHosts known;
  RevokedKeys revoked;
};

// Serves schema::Trust.
class TrustServer final : public schema::Trust::Server {
 public:
  TrustServer(std::shared_ptr<TrustFiles> files, TrustSettings settings)
      : files_(std::move(files)), settings_(std::move(settings)) {}

  kj::Promise<void> algorithms(AlgorithmsContext context) override { return giveAlgorithms(kj::mv(context)); }
  kj::Promise<void> judge(JudgeContext context) override { return giveJudgement(kj::mv(context)); }

 private:
  struct Trustworthiness {
    bool publicKeyOnly = false;  // as in schema::Trust
  };
  Task<void> giveAlgorithms(AlgorithmsContext context);
  Task<void> giveJudgement(JudgeContext context);
  Task<Expected<KnownHost>> known();
  Expected<void> checkLength(const std::string& blob) const;
  Task<Expected<void>> checkRevocation(std::string blob);
  Task<Expected<Trustworthiness>> judgeKey(std::string blob, std::string address);
  Task<Expected<Trustworthiness>> judgeUnknown(Judgement judgement);

  std::shared_ptr<TrustFiles> files_;
  TrustSettings settings_;
};

}  // namespace cbs::identity
