#include "agentd/identity/resolved_host.h"

#include "agentd/core/patterns.h"
#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"

#include <unistd.h>

#include <cstdlib>

namespace cbs::identity {
namespace {

const std::string& unlessStandard(const std::string& value, const std::string& standard) {
  static const std::string kOwnOrder;
  return value == standard ? kOwnOrder : value;
}

schema::ResolvedHost::AddressFamily familyOf(HostConfig::Family family) {
  switch (family) {
    case HostConfig::Family::INET:
      return schema::ResolvedHost::AddressFamily::INET;
    case HostConfig::Family::INET6:
      return schema::ResolvedHost::AddressFamily::INET6;
    case HostConfig::Family::ANY:
      break;
  }
  return schema::ResolvedHost::AddressFamily::ANY;
}

bool matchesAny(std::string_view name, const std::vector<std::string>& patterns) {
  for (const auto& pattern : patterns) {
    if (core::matchesPattern(name, pattern)) return true;
  }
  return false;
}

capnp::Data::Reader dataOf(const std::string& bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}

std::string agentSocketOf(const std::string& identityAgent, const CallerContext& caller) {
  if (identityAgent == "none") return {};
  if (!namesCallersVariable(identityAgent)) {
    bool standard = identityAgent.empty() || identityAgent == "SSH_AUTH_SOCK" || identityAgent == "$SSH_AUTH_SOCK";
    return standard ? caller.authSock : identityAgent;
  }
  if (!caller.ownAgents) return {};
  for (const auto& [name, value] : caller.environment()) {
    if (name == identityAgent.substr(1)) return value;
  }
  return {};
}

void writeAll(core::WireWriter& writer, const std::vector<std::string>& words) {
  writer.uint32(static_cast<uint32_t>(words.size()));
  for (const auto& word : words) writer.string(word);
}

// The methods to log in by, in order, of those that are supported.
std::vector<std::string> authenticationsOf(const HostConfig& config) {
  std::vector<std::string> methods;
  std::string_view order = config.preferredAuthentications;
  if (order.empty()) order = "publickey,keyboard-interactive,password";
  for (auto method : core::splitCommas(order)) {
    bool wanted = (method == "publickey" && config.pubkeyAuthentication) ||
                  (method == "password" && config.passwordAuthentication) ||
                  (method == "keyboard-interactive" && config.kbdInteractiveAuthentication);
    if (wanted) methods.emplace_back(method);
  }
  return methods;
}

std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

}  // namespace

bool namesCallersVariable(const std::string& identityAgent) {
  return identityAgent.starts_with('$') && identityAgent != "$SSH_AUTH_SOCK";
}

void describe(const HostConfig& config, const HostConfig& standard, const std::string& target,
              schema::ResolvedHost::Builder host) {
  host.setAlias(target.c_str());
  host.setHostName(config.hostName.c_str());
  host.setPort(config.port);
  host.setUser(config.user.c_str());
  host.setConnectTimeoutMs(uint64_t{config.connectTimeoutSeconds} * 1000);
  host.setAddressFamily(familyOf(config.addressFamily));
  host.setBindAddress(config.bindAddress.c_str());
  host.setProxyJump(config.proxyJump.c_str());
  host.setProxyCommand(config.proxyCommand.c_str());
  host.setServerAliveIntervalMs(uint64_t{config.serverAliveInterval} * 1000);
  host.setServerAliveCountMax(config.serverAliveCountMax);
  auto methods = authenticationsOf(config);
  if (config.batchMode) std::erase_if(methods, [](const std::string& method) { return method != "publickey"; });
  auto list = host.initAuthentications(static_cast<unsigned>(methods.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, methods[i].c_str());
  auto ignored = host.initIgnored(static_cast<unsigned>(config.ignored.size()));
  for (unsigned i = 0; i < ignored.size(); ++i) ignored.set(i, config.ignored[i].c_str());
  host.setPasswordPrompts(config.numberOfPasswordPrompts);
  host.setCiphers(unlessStandard(config.ciphers, standard.ciphers).c_str());
  host.setMacs(unlessStandard(config.macs, standard.macs).c_str());
  host.setKexAlgorithms(unlessStandard(config.kexAlgorithms, standard.kexAlgorithms).c_str());
  auto environment = host.initSetEnv(static_cast<unsigned>(config.setEnv.size()));
  for (unsigned i = 0; i < environment.size(); ++i) {
    environment[i].setName(dataOf(config.setEnv[i].first));
    environment[i].setValue(dataOf(config.setEnv[i].second));
  }
}

HostConfig::Variables sentVariables(const std::vector<std::string>& sendEnv, const HostConfig::Variables& environment) {
  HostConfig::Variables sent;
  for (const auto& variable : environment) {
    if (matchesAny(variable.first, sendEnv)) sent.push_back(variable);
  }
  return sent;
}

KeySettings keySettingsOf(const HostConfig& config, const HostConfig& standard, const CallerContext& caller) {
  return {.identityFiles = config.identityFiles,
          .identitiesOnly = config.identitiesOnly,
          .filesAreDefault = config.identityFiles == standard.identityFiles,
          .agentSocket = agentSocketOf(config.identityAgent, caller),
          .certificateFiles = config.certificateFiles,
          .acceptedAlgorithms = unlessStandard(config.pubkeyAcceptedAlgorithms, standard.pubkeyAcceptedAlgorithms),
          .requiredRsaBits = config.requiredRsaSize,
          .prompts = config.numberOfPasswordPrompts};
}

LoginSettings loginSettingsOf(const HostConfig& config, KeySettings keys, const std::string& poolKey) {
  return {.keys = std::move(keys),
          .login = poolKey,
          .subject = config.user + "@" + config.alias,
          .mayAsk = !config.batchMode};
}

std::string poolKeyOf(const HostConfig& config, schema::ResolvedHost::Reader host, const KeySettings& keys,
                      const TrustSettings& trust, const std::vector<std::string>& jumpKeys) {
  core::WireWriter writer;
  writer.string(view(host.getBindAddress())).uint32(static_cast<uint32_t>(host.getAddressFamily()));
  for (auto text : {host.getCiphers(), host.getMacs(), host.getKexAlgorithms(), host.getProxyCommand()})
    writer.string(view(text));
  writeAll(writer, jumpKeys);
  writeAll(writer, keys.identityFiles);
  writer.byte(keys.identitiesOnly).string(keys.agentSocket).string(keys.acceptedAlgorithms);
  writeAll(writer, keys.certificateFiles);
  for (const auto& method : authenticationsOf(config)) writer.string(method);
  writer.string(trust.name).string(trust.algorithms).byte(static_cast<uint8_t>(trust.strict));
  writer.string(trust.certificateName).string(trust.caSignatureAlgorithms).byte(trust.loopbackUnjudged);
  writer.uint64(trust.requiredRsaBits);
  for (const auto* files : {&trust.userFiles, &trust.globalFiles, &trust.revokedHostKeys}) writeAll(writer, *files);
  auto who = std::string(view(host.getUser())) + "@" + host.getHostName().cStr() + ":" + std::to_string(host.getPort());
  return who + "/" + fingerprintOf(writer.bytes());
}

}  // namespace cbs::identity
