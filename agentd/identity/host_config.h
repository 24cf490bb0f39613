// What ssh_config says about one host, as `ssh -G` prints it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cbs::identity {

// Named as in ssh_config(5). Paths are expanded.
struct HostConfig {
  enum class Strict {
    YES,         // yes, ask: an unknown key is refused
    ACCEPT_NEW,  // an unknown key is noted down; a changed one is refused all the same
    OFF,         // no, off: a changed key is accepted, too, but no secret is typed there
  };
  enum class Family { ANY, INET, INET6 };
  using Variables = std::vector<std::pair<std::string, std::string>>;

  std::string alias;  // the host name on ssh's command line
  std::string hostName;
  uint16_t port = 22;
  std::string user;

  std::vector<std::string> identityFiles;
  std::vector<std::string> certificateFiles;
  bool identitiesOnly = false;
  std::string pubkeyAcceptedAlgorithms;
  std::string preferredAuthentications;  // "": ssh's own order
  bool pubkeyAuthentication = true;
  bool passwordAuthentication = true;
  bool kbdInteractiveAuthentication = true;
  uint32_t numberOfPasswordPrompts = 3;
  bool batchMode = false;
  std::string identityAgent;  // "none", "SSH_AUTH_SOCK", "$NAME" or a path; empty: not set

  std::vector<std::string> userKnownHostsFiles;
  std::vector<std::string> globalKnownHostsFiles;
  Strict strictHostKeyChecking = Strict::YES;
  bool hashKnownHosts = false;
  std::string hostKeyAlias;
  std::string hostKeyAlgorithms;
  std::string caSignatureAlgorithms;
  std::vector<std::string> revokedHostKeys;
  bool noHostAuthenticationForLocalhost = false;
  uint32_t requiredRsaSize = 0;  // bits

  std::string ciphers;
  std::string macs;
  std::string kexAlgorithms;
  uint32_t connectTimeoutSeconds = 0;  // 0: not set
  Family addressFamily = Family::ANY;
  std::string bindAddress;
  enum class RequestTty { NO, YES, FORCE };  // auto: as `no`, since a command is given
  RequestTty requestTty = RequestTty::NO;
  Variables setEnv;
  std::vector<std::string> sendEnv;  // patterns

  uint32_t serverAliveInterval = 0;  // seconds; 0: none
  uint32_t serverAliveCountMax = 3;

  std::string proxyJump;     // empty: none
  std::string proxyCommand;  // tokens expanded; empty: none

  // What is asked for and not supported, as "Keyword value": what would change what a command does, and what is only
  // missed.
  std::vector<std::string> unsupported;
  std::vector<std::string> ignored;
};

}  // namespace cbs::identity
