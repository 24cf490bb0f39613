#include "agentd/identity/config_output.h"

#include "agentd/identity/path_tokens.h"

#include <charconv>
#include <functional>
#include <map>

namespace cbs::identity {
namespace {

using Setter = std::function<void(HostConfig&, std::string_view)>;

Setter text(std::string HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) { config.*field = value; };
}
Setter unlessNone(std::string HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) { config.*field = value == "none" ? "" : value; };
}
Setter flag(bool HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) { config.*field = value == "yes" || value == "true"; };
}
Setter append(std::vector<std::string> HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) { (config.*field).emplace_back(value); };
}
template <typename Number>
Setter number(Number HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) {
    std::from_chars(value.data(), value.data() + value.size(), config.*field);
  };
}

// ssh prints several paths with blanks between them, and blanks within them as they are. What follows a blank is a path
// of its own if it begins as an absolute one, or if the paths are not absolute at all.
std::vector<std::string> splitPaths(std::string_view value) {
  std::vector<std::string> paths;
  if (value == "none") return paths;
  bool absolute = value.starts_with('/') || value.starts_with('~');
  while (!value.empty()) {
    auto word = value.substr(0, value.find(' '));
    value.remove_prefix(std::min(value.size(), word.size() + 1));
    bool begins = !absolute || word.starts_with('/') || word.starts_with('~') || paths.empty();
    if (begins) {
      paths.emplace_back(word);
    } else {
      paths.back().append(" ").append(word);
    }
  }
  return paths;
}
Setter paths(std::vector<std::string> HostConfig::*field) {
  return [field](HostConfig& config, std::string_view value) { config.*field = splitPaths(value); };
}

void setStrict(HostConfig& config, std::string_view value) {
  using Strict = HostConfig::Strict;
  bool off = value == "no" || value == "false" || value == "off";
  config.strictHostKeyChecking = off ? Strict::OFF : value == "accept-new" ? Strict::ACCEPT_NEW : Strict::YES;
}

// `yes`, `no`, or how far it is bound to the host's key.
void setPubkey(HostConfig& config, std::string_view value) {
  config.pubkeyAuthentication = value != "no" && value != "false";
}

void setRequestTty(HostConfig& config, std::string_view value) {
  if (value == "yes" || value == "true") config.requestTty = HostConfig::RequestTty::YES;
  if (value == "force") config.requestTty = HostConfig::RequestTty::FORCE;
}

void setFamily(HostConfig& config, std::string_view value) {
  if (value == "inet") config.addressFamily = HostConfig::Family::INET;
  if (value == "inet6") config.addressFamily = HostConfig::Family::INET6;
}

void addVariable(HostConfig& config, std::string_view value) {
  auto equals = value.find('=');
  if (equals == 0 || equals == std::string_view::npos) return;
  config.setEnv.emplace_back(value.substr(0, equals), value.substr(equals + 1));
}

// A keyword that is not supported, unless it has the value that asks for nothing.
using Complaints = std::vector<std::string> HostConfig::*;
Setter complain(Complaints where, std::string keyword, std::string_view harmless) {
  return [where, keyword, harmless](HostConfig& config, std::string_view value) {
    if (value != harmless) (config.*where).push_back(keyword + " " + std::string(value));
  };
}
Setter refuse(std::string keyword, std::string_view harmless) {
  return complain(&HostConfig::unsupported, std::move(keyword), harmless);
}

const std::map<std::string_view, Setter>& setters() {
  static const std::map<std::string_view, Setter> table = {
      {"host", text(&HostConfig::alias)},
      {"hostname", text(&HostConfig::hostName)},
      {"port", number(&HostConfig::port)},
      {"user", text(&HostConfig::user)},
      {"identityfile", append(&HostConfig::identityFiles)},
      {"certificatefile", append(&HostConfig::certificateFiles)},
      {"identitiesonly", flag(&HostConfig::identitiesOnly)},
      {"pubkeyacceptedalgorithms", text(&HostConfig::pubkeyAcceptedAlgorithms)},
      {"pubkeyacceptedkeytypes", text(&HostConfig::pubkeyAcceptedAlgorithms)},  // before OpenSSH 8.5
      {"preferredauthentications", text(&HostConfig::preferredAuthentications)},
      {"pubkeyauthentication", setPubkey},
      {"passwordauthentication", flag(&HostConfig::passwordAuthentication)},
      {"kbdinteractiveauthentication", flag(&HostConfig::kbdInteractiveAuthentication)},
      {"challengeresponseauthentication", flag(&HostConfig::kbdInteractiveAuthentication)},  // before OpenSSH 8.7
      {"numberofpasswordprompts", number(&HostConfig::numberOfPasswordPrompts)},
      {"batchmode", flag(&HostConfig::batchMode)},
      {"identityagent", text(&HostConfig::identityAgent)},
      {"userknownhostsfile", paths(&HostConfig::userKnownHostsFiles)},
      {"globalknownhostsfile", paths(&HostConfig::globalKnownHostsFiles)},
      {"stricthostkeychecking", setStrict},
      {"hashknownhosts", flag(&HostConfig::hashKnownHosts)},
      {"hostkeyalias", unlessNone(&HostConfig::hostKeyAlias)},
      {"hostkeyalgorithms", text(&HostConfig::hostKeyAlgorithms)},
      {"casignaturealgorithms", text(&HostConfig::caSignatureAlgorithms)},
      {"revokedhostkeys", paths(&HostConfig::revokedHostKeys)},
      {"requiredrsasize", number(&HostConfig::requiredRsaSize)},
      {"nohostauthenticationforlocalhost", flag(&HostConfig::noHostAuthenticationForLocalhost)},
      {"ciphers", text(&HostConfig::ciphers)},
      {"macs", text(&HostConfig::macs)},
      {"kexalgorithms", text(&HostConfig::kexAlgorithms)},
      {"connecttimeout", number(&HostConfig::connectTimeoutSeconds)},
      {"addressfamily", setFamily},
      {"bindaddress", text(&HostConfig::bindAddress)},
      {"requesttty", setRequestTty},
      {"serveraliveinterval", number(&HostConfig::serverAliveInterval)},
      {"serveralivecountmax", number(&HostConfig::serverAliveCountMax)},
      {"setenv", addVariable},
      {"sendenv", append(&HostConfig::sendEnv)},
      {"bindinterface", refuse("BindInterface", "none")},
      {"forkafterauthentication", refuse("ForkAfterAuthentication", "no")},
      {"knownhostscommand", refuse("KnownHostsCommand", "none")},
      {"pkcs11provider", refuse("PKCS11Provider", "none")},
      {"proxyusefdpass", refuse("ProxyUseFdpass", "no")},
      {"remotecommand", refuse("RemoteCommand", "none")},
      {"sessiontype", refuse("SessionType", "default")},
      {"tunnel", refuse("Tunnel", "false")},
      {"forwardagent", complain(&HostConfig::ignored, "ForwardAgent", "no")},
      {"proxyjump", unlessNone(&HostConfig::proxyJump)},
      {"proxycommand", unlessNone(&HostConfig::proxyCommand)},
  };
  return table;
}

void applyLine(HostConfig& config, std::string_view line) {
  auto space = line.find(' ');
  if (space == std::string_view::npos) return;
  auto setter = setters().find(line.substr(0, space));
  if (setter != setters().end()) setter->second(config, line.substr(space + 1));
}

// ssh prints the identities' paths as they are written, the users' known_hosts expanded, and the global ones with their
// `~`. RevokedHostKeys are left as they are printed: a release of ssh that prints a `~` there does not expand it for
// itself, and so refuses every key.
void expandPaths(HostConfig& config) {
  for (auto* list : {&config.identityFiles, &config.certificateFiles}) {
    std::erase(*list, "none");
    for (auto& path : *list) path = expandPath(path, config);
  }
  for (auto* list : {&config.userKnownHostsFiles, &config.globalKnownHostsFiles}) {
    for (auto& path : *list) path = expandTilde(path);
  }
}

}  // namespace

Expected<HostConfig> parseHostConfig(std::string_view output) {
  HostConfig config;
  while (!output.empty()) {
    auto line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(output.size(), line.size() + 1));
    applyLine(config, line);
  }
  if (config.hostName.empty() || config.user.empty() || config.port == 0) {
    return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, "ssh -G printed no host name, user or port");
  }
  if (config.alias.empty()) config.alias = config.hostName;
  expandPaths(config);
  config.proxyCommand = expandTokens(config.proxyCommand, config);
  if (config.proxyCommand.empty()) std::erase(config.unsupported, "ProxyUseFdpass yes");
  return config;
}

}  // namespace cbs::identity
