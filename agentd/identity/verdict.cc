#include "agentd/identity/verdict.h"

#include "agentd/core/patterns.h"
#include "agentd/identity/public_key.h"

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr std::string_view kSupported[] = {"ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                           "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256"};

// The first ones are the better ones when two lines could be named.
int rank(const Judgement& judgement, std::string_view type) {
  switch (judgement.verdict) {
    case Verdict::REVOKED:
      return 4;
    case Verdict::TRUSTED:
      return 3;
    case Verdict::CHANGED:
      return keyTypeOf(judgement.expectedBlob) == type ? 2 : 1;
    case Verdict::UNKNOWN:
      return 0;
  }
  return 0;
}

Judgement judgeBy(const KnownKey& known, const std::string& path, std::string_view blob) {
  bool equal = known.blob == blob;
  if (known.revoked && !equal) return {};
  auto verdict = known.revoked ? Verdict::REVOKED : equal ? Verdict::TRUSTED : Verdict::CHANGED;
  return {verdict, known.blob, path, known.line};
}

// The key type that an algorithm signs with (RFC 8332 §3 for RSA).
std::string_view typeOfAlgorithm(std::string_view algorithm) {
  return algorithm.starts_with("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

template <typename Range, typename T>
bool contains(const Range& range, const T& value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

}  // namespace

Judgement judge(const std::vector<NamedKnownHosts>& files, const std::string& name, std::string_view blob) {
  Judgement best;
  auto type = keyTypeOf(blob);
  for (const auto& [path, file] : files) {
    for (const KnownKey* known : file->find(name)) {
      auto judgement = judgeBy(*known, path, blob);
      if (rank(judgement, type) > rank(best, type)) best = std::move(judgement);
    }
  }
  return best;
}

std::vector<std::string> knownTypes(const std::vector<NamedKnownHosts>& files, const std::string& name) {
  std::vector<std::string> types;
  for (const auto& [path, file] : files) {
    for (const KnownKey* known : file->find(name)) {
      std::string type(keyTypeOf(known->blob));
      if (!known->revoked && !contains(types, type)) types.push_back(std::move(type));
    }
  }
  return types;
}

std::vector<std::string> offeredAlgorithms(const std::vector<std::string>& knownTypes, std::string_view allowed) {
  std::vector<std::string> supported, known;
  for (auto algorithm : core::splitCommas(allowed)) {
    if (!contains(kSupported, algorithm)) continue;
    supported.emplace_back(algorithm);
    if (contains(knownTypes, typeOfAlgorithm(algorithm))) known.emplace_back(algorithm);
  }
  return known.empty() ? supported : known;
}

}  // namespace cbs::identity
