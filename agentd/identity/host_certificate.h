// Certificates of OpenSSH's that hosts show in place of a plain key (PROTOCOL.certkeys in OpenSSH's source).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

struct HostCertificate {
  std::string plainKey;   // the blob of the key that it is about
  std::string authority;  // the blob of the key that has signed it
  uint32_t kind = 0;      // 1: of a user, 2: of a host
  std::vector<std::string> principals;
  uint64_t validAfter = 0, validBefore = 0;  // seconds since 1970; valid from the first on, and no more at the second
  bool hasCriticalOptions = false;
  std::string signatureAlgorithm;
  bool signatureVerified = false;  // false: of a kind that checkSignature() does not support
};

// What a certificate must satisfy beside being signed by a known authority.
struct CertificateTerms {
  std::string name;                   // the host's in lower case, or its HostKeyAlias; without a port
  uint64_t now = 0;                   // seconds since 1970
  std::string caSignatureAlgorithms;  // as in ssh_config(5), comma-separated, without patterns
};

// Fails if it is no certificate that ssh would read: it is of a type that hosts cannot have, malformed, or its
// signature is wrong.
std::optional<HostCertificate> parseHostCertificate(std::string_view blob);

// Why `certificate` does not speak for the host, as a sentence without its first words ("has expired"); "" if it does.
//
// Names are compared as they are, and a certificate without any is refused: releases of OpenSSH differ in whether a
// name may be a pattern and whether no name means all, and this is what all of them trust.
std::string objectionTo(const HostCertificate& certificate, const CertificateTerms& terms);

}  // namespace cbs::identity
