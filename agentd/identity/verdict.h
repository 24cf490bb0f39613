// Judges a host key by the known ones. Pure.
#pragma once

#include "agentd/identity/known_hosts_file.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

// One known_hosts file and where it came from.
struct NamedKnownHosts {
  std::string path;
  std::shared_ptr<const KnownHostsFile> file;
};

enum class Verdict { TRUSTED, UNKNOWN, CHANGED, REVOKED };

struct Judgement {
  Verdict verdict = Verdict::UNKNOWN;
  // CHANGED: a key that is known for the host instead, one of the same type if there is one. REVOKED: the line that
  // says so.
  std::string expectedBlob;
  std::string file;
  uint32_t line = 0;
};

// As ssh judges: a revocation wins; then an equal key; a host for which only other keys are known, of whatever type,
// has changed.
Judgement judge(const std::vector<NamedKnownHosts>& files, const std::string& name, std::string_view blob);

// The types of the keys that are known for a host and not revoked, each once, in the order of the lines.
std::vector<std::string> knownTypes(const std::vector<NamedKnownHosts>& files, const std::string& name);

// Host key algorithms to offer, from `allowed` (the host's HostKeyAlgorithms): those of the known types alone, or all
// that are supported if there is none of those. Host certificates are never among them.
std::vector<std::string> offeredAlgorithms(const std::vector<std::string>& knownTypes, std::string_view allowed);

}  // namespace cbs::identity
