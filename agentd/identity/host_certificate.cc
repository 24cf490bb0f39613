#include "agentd/identity/host_certificate.h"

#include "agentd/core/patterns.h"
#include "agentd/core/wire.h"
#include "agentd/identity/certificate_key.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/signature.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr uint32_t kHost = 2;
constexpr size_t kMaxPrincipals = 256;  // as OpenSSH
constexpr size_t kLengthBytes = 4;

// Fails if `list` is no row of strings, or of more than kMaxPrincipals.
bool readPrincipals(std::string_view list, std::vector<std::string>& principals) {
  core::WireReader reader(list);
  while (reader.ok() && !reader.atEnd() && principals.size() <= kMaxPrincipals) {
    principals.emplace_back(reader.string());
  }
  return reader.ok() && principals.size() <= kMaxPrincipals;
}

// Options are pairs of strings.
bool areOptions(std::string_view list) {
  core::WireReader reader(list);
  while (reader.ok() && !reader.atEnd()) {
    reader.string();
    reader.string();
  }
  return reader.ok();
}

// Reads all between the key and the signature. What the serial number, the key's identifier and the extensions say is
// of no matter here.
bool readBody(core::WireReader& reader, HostCertificate& certificate) {
  reader.uint64();
  certificate.kind = reader.uint32();
  reader.string();
  bool listed = readPrincipals(reader.string(), certificate.principals);
  certificate.validAfter = reader.uint64();
  certificate.validBefore = reader.uint64();
  auto critical = reader.string();
  auto extensions = reader.string();
  reader.string();  // reserved
  certificate.authority = reader.string();
  certificate.hasCriticalOptions = !critical.empty();
  return listed && areOptions(critical) && areOptions(extensions);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<HostCertificate> parseHostCertificate(std::string_view blob) {
  auto plainKey = plainKeyOf(blob);
  bool ofSecurityKey = keyTypeOf(blob).starts_with("sk-");  // which hosts cannot have
  if (!plainKey || ofSecurityKey) return std::nullopt;

  core::WireReader reader(blob);
  reader.string();  // the type
  reader.string();  // a nonce
  for (int left = keyFieldsOf(keyTypeOf(*plainKey)); left > 0; --left) reader.string();
  HostCertificate certificate;
  certificate.plainKey = std::move(*plainKey);
  bool readable = readBody(reader, certificate);
  auto signature = reader.string();
  if (!readable || !reader.ok() || !reader.atEnd() || isCertificateType(keyTypeOf(certificate.authority))) {
    return std::nullopt;
  }
  auto data = blob.substr(0, blob.size() - kLengthBytes - signature.size());
  auto check = checkSignature(certificate.authority, data, signature);
  if (check == SignatureCheck::BAD) return std::nullopt;
  certificate.signatureVerified = check == SignatureCheck::GOOD;
  certificate.signatureAlgorithm = signatureAlgorithmOf(signature);
  return certificate;
}

std::string objectionTo(const HostCertificate& certificate, const CertificateTerms& terms) {
  if (!certificate.signatureVerified) return "is signed in a way that is not supported";
  if (certificate.kind != kHost) return "is not one of a host";
  if (terms.now < certificate.validAfter) return "is not valid yet";
  if (terms.now >= certificate.validBefore) return "has expired";
  if (certificate.principals.empty()) return "names no host";
  if (!contains(certificate.principals, terms.name)) return "does not name " + terms.name;
  if (certificate.hasCriticalOptions) return "has critical options, which hosts' cannot have";
  if (!contains(core::splitCommas(terms.caSignatureAlgorithms), certificate.signatureAlgorithm)) {
    return "is signed with " + certificate.signatureAlgorithm + ", which CASignatureAlgorithms does not allow";
  }
  return {};
}

}  // namespace cbs::identity
