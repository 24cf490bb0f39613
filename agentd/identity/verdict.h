// Judges a host key by the known ones, as ssh does. Pure.
#pragma once

#include "agentd/identity/host_certificate.h"
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

// A line that names a host.
struct KnownLine {
  KnownKey key;
  std::string file;
};

// The lines that name `name` (knownHostsName), in their order.
std::vector<KnownLine> linesOf(const std::vector<NamedKnownHosts>& files, const std::string& name);

// All that known_hosts says about a host.
struct KnownHost {
  std::vector<KnownLine> lines;
  // By the name without its port, which counts where `lines` say nothing about a key; empty if the port is 22.
  std::vector<KnownLine> linesWithoutPort;
};

enum class Verdict {
  TRUSTED,
  UNKNOWN,
  CHANGED,
  REVOKED,
  UNUSABLE,  // a certificate that does not convince, and no plain key to judge: not even a new key to note down
};

struct Judgement {
  Verdict verdict = Verdict::UNKNOWN;
  // CHANGED: a key that is known for the host instead, one of the same type if there is one. REVOKED: the line that
  // says so. TRUSTED: the host's key, or its certificate's authority.
  std::string expectedBlob;
  std::string file;
  uint32_t line = 0;
  std::string plainKey;   // what was shown, without the certificate around it
  std::string objection;  // why a certificate was not enough (objectionTo); "" if none was shown
};

// `blob` is what the host showed: a plain key, or a certificate. `allowed` are the host's HostKeyAlgorithms.
//
// A revocation of the key, or of its certificate's authority, wins. Then a certificate counts that a known authority
// has signed and that objectionTo() finds nothing against; one that does not convince stands for its plain key, if
// `allowed` has that type. A plain key is trusted if an equal one is known. A host for which only authorities are known
// is unknown if it shows no certificate. A certificate that is broken is unusable, as ssh ends the key exchange then.
//
// A host for which only other keys are known has changed, whatever their type: an attacker can show a key of any. So
// does ssh (OpenSSH 9.2): with StrictHostKeyChecking yes and accept-new it refuses such a key, with no it goes on but
// types no secret. What is made of a verdict is the caller's part. Only a revocation is to hold with no, too, where ssh
// would go on.
Judgement judge(const KnownHost& host, std::string_view blob, const CertificateTerms& terms, std::string_view allowed);

// Host key algorithms to offer.
struct HostKeyOffer {
  std::vector<std::string> algorithms;  // in order of preference
  size_t known = 0;                     // how many of them, from the first on, could show a key that is known
};

// From `allowed`, in its order: first those of the known plain types, and certificates if the host has an authority;
// then the others, so that a host whose key is of a new type is told apart from one that speaks no common algorithm.
// Certificates are among them only if there is an authority, or something is revoked (`certificates`, or a line): else
// they could say nothing that their plain keys do not.
// An explicit HostKeyAlgorithms keeps its order only among the known and among the others: ssh would take the first
// that the server has, find no key of that type and refuse a host whose key is known.
HostKeyOffer offerFor(const KnownHost& host, std::string_view allowed, bool certificates);

}  // namespace cbs::identity
