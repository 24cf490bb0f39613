#include "agentd/identity/verdict.h"

#include "agentd/core/patterns.h"
#include "agentd/identity/certificate_key.h"
#include "agentd/identity/public_key.h"

#include <algorithm>

namespace cbs::identity {
namespace {

using Marker = KnownKey::Marker;
using Lines = std::vector<KnownLine>;

constexpr std::string_view kSupported[] = {"ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                           "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256"};

// The plain key type that an algorithm signs with (RFC 8332 §3 for RSA).
std::string typeOfAlgorithm(std::string_view algorithm) {
  auto plain = plainTypeOf(algorithm);
  return plain.starts_with("rsa-sha2-") ? "ssh-rsa" : plain;
}

template <typename Range, typename T>
bool contains(const Range& range, const T& value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

bool allows(std::string_view algorithms, std::string_view plainType) {
  for (auto algorithm : core::splitCommas(algorithms)) {
    if (!isCertificateType(algorithm) && typeOfAlgorithm(algorithm) == plainType) return true;
  }
  return false;
}

bool has(const Lines& lines, Marker marker) {
  return std::any_of(lines.begin(), lines.end(), [&](const KnownLine& line) { return line.key.marker == marker; });
}

bool hasKeyOfType(const Lines& lines, std::string_view type) {
  return std::any_of(lines.begin(), lines.end(), [&](const KnownLine& line) {
    return line.key.marker == Marker::NONE && keyTypeOf(line.key.blob) == type;
  });
}

const KnownLine* find(const Lines& lines, Marker marker, std::string_view blob) {
  for (const auto& line : lines) {
    if (line.key.marker == marker && line.key.blob == blob) return &line;
  }
  return nullptr;
}

Judgement by(const KnownLine& line, Verdict verdict) {
  return {.verdict = verdict, .expectedBlob = line.key.blob, .file = line.file, .line = line.key.line};
}

// The key that is known instead of `blob`: of the same type if there is one.
const KnownLine* otherKey(const Lines& lines, std::string_view blob) {
  const KnownLine* other = nullptr;
  for (const auto& line : lines) {
    if (line.key.marker != Marker::NONE) continue;
    if (keyTypeOf(line.key.blob) == keyTypeOf(blob)) return &line;
    if (other == nullptr) other = &line;
  }
  return other;
}

Judgement judgePlain(const Lines& lines, std::string_view blob) {
  if (auto* line = find(lines, Marker::REVOKED, blob)) return by(*line, Verdict::REVOKED);
  if (auto* line = find(lines, Marker::NONE, blob)) return by(*line, Verdict::TRUSTED);
  if (auto* line = otherKey(lines, blob)) return by(*line, Verdict::CHANGED);
  return {};
}

Judgement judgeCertificate(const Lines& lines, const HostCertificate& certificate, const CertificateTerms& terms) {
  for (const auto* blob : {&certificate.plainKey, &certificate.authority}) {
    if (auto* line = find(lines, Marker::REVOKED, *blob)) return by(*line, Verdict::REVOKED);
  }
  auto* authority = find(lines, Marker::CERT_AUTHORITY, certificate.authority);
  if (authority == nullptr) return {.objection = "is signed by an authority that is not known"};
  auto objection = objectionTo(certificate, terms);
  if (objection.empty()) return by(*authority, Verdict::TRUSTED);
  return {.objection = std::move(objection)};
}

// Asks about the host by its name with the port, and, where that says nothing, by the name alone; there, another key
// than the one that was shown says nothing either.
template <typename Judge>
Judgement byEitherName(const KnownHost& host, Judge judge) {
  auto first = judge(host.lines);
  if (first.verdict != Verdict::UNKNOWN) return first;
  auto second = judge(host.linesWithoutPort);
  bool tells = second.verdict == Verdict::TRUSTED || second.verdict == Verdict::REVOKED;
  return tells ? second : first;
}

Judgement judgePlainKey(const KnownHost& host, std::string_view blob) {
  auto judgement = byEitherName(host, [&](const Lines& lines) { return judgePlain(lines, blob); });
  judgement.plainKey = blob;
  return judgement;
}

Judgement unusable(std::string_view blob, std::string objection) {
  return {.verdict = Verdict::UNUSABLE, .plainKey = std::string(blob), .objection = std::move(objection)};
}

}  // namespace

std::vector<KnownLine> linesOf(const std::vector<NamedKnownHosts>& files, const std::string& name) {
  std::vector<KnownLine> lines;
  for (const auto& [path, file] : files) {
    for (const KnownKey* key : file->find(name)) lines.push_back({*key, path});
  }
  return lines;
}

Judgement judge(const KnownHost& host, std::string_view blob, const CertificateTerms& terms, std::string_view allowed) {
  if (!isCertificateType(keyTypeOf(blob))) return judgePlainKey(host, blob);
  auto certificate = parseHostCertificate(blob);
  if (!certificate) return unusable(blob, "is broken, or its signature is wrong");
  auto judgement = byEitherName(host, [&](const Lines& lines) { return judgeCertificate(lines, *certificate, terms); });
  auto objection = std::move(judgement.objection);
  auto plainType = keyTypeOf(certificate->plainKey);
  if (judgement.verdict == Verdict::UNKNOWN) {
    if (!allows(allowed, plainType)) return unusable(certificate->plainKey, std::move(objection));
    judgement = judgePlainKey(host, certificate->plainKey);
  }
  judgement.plainKey = std::move(certificate->plainKey);
  judgement.objection = std::move(objection);
  return judgement;
}

HostKeyOffer offerFor(const KnownHost& host, std::string_view allowed, bool certificates) {
  bool named = has(host.lines, Marker::NONE) || has(host.lines, Marker::CERT_AUTHORITY);
  const auto& lines = named ? host.lines : host.linesWithoutPort;
  bool authority = has(lines, Marker::CERT_AUTHORITY);
  bool revocations = has(host.lines, Marker::REVOKED) || has(host.linesWithoutPort, Marker::REVOKED);
  certificates = certificates || authority || revocations;
  std::vector<std::string> known, others;
  for (auto algorithm : core::splitCommas(allowed)) {
    bool certificate = isCertificateType(algorithm);
    if (!contains(kSupported, plainTypeOf(algorithm)) || (certificate && !certificates)) continue;
    bool first = (certificate && authority) || hasKeyOfType(lines, typeOfAlgorithm(algorithm));
    (first ? known : others).emplace_back(algorithm);
  }
  HostKeyOffer offer{std::move(known), 0};
  offer.known = offer.algorithms.size();
  std::move(others.begin(), others.end(), std::back_inserter(offer.algorithms));
  return offer;
}

}  // namespace cbs::identity
