#include "agentd/identity/agent_protocol.h"

#include "agentd/core/wire.h"

namespace cbs::identity {
namespace {

enum : uint8_t { kFailure = 5, kRequestIdentities = 11, kIdentitiesAnswer = 12, kSignRequest = 13, kSignResponse = 14 };
enum : uint32_t { kRsaSha256 = 2, kRsaSha512 = 4 };

tl::unexpected<Error> unusable(std::string detail) {
  return fail(ErrorKind::AUTH_REFUSED, Reason::AGENT_UNAVAILABLE, std::move(detail));
}

uint32_t flagsFor(std::string_view algorithm) {
  if (algorithm == "rsa-sha2-256") return kRsaSha256;
  if (algorithm == "rsa-sha2-512") return kRsaSha512;
  return 0;
}

}  // namespace

std::string identitiesRequest() { return core::WireWriter().byte(kRequestIdentities).bytes(); }

std::string signRequest(std::string_view blob, std::string_view data, std::string_view algorithm) {
  return core::WireWriter().byte(kSignRequest).string(blob).string(data).uint32(flagsFor(algorithm)).bytes();
}

Expected<std::vector<AgentKey>> parseIdentities(std::string_view answer) {
  core::WireReader reader(answer);
  uint8_t type = reader.byte();
  if (type == kFailure) return unusable("it would not list its keys");
  if (type != kIdentitiesAnswer) return unusable("it answered nonsense");
  std::vector<AgentKey> keys;
  for (uint32_t left = reader.uint32(); left > 0 && reader.ok(); --left) {
    auto blob = reader.string(), comment = reader.string();
    keys.push_back({std::string(blob), std::string(comment)});
  }
  if (!reader.ok()) return unusable("its list of keys is cut short");
  return keys;
}

Expected<std::string> parseSignature(std::string_view answer, std::string_view algorithm) {
  core::WireReader reader(answer);
  uint8_t type = reader.byte();
  if (type == kFailure)
    return unusable("it would not sign: it is locked, the key is gone, or the signature was declined");
  if (type != kSignResponse) return unusable("it answered nonsense");
  auto signature = reader.string();
  core::WireReader inner(signature);
  auto used = inner.string();
  auto blob = inner.string();
  if (!reader.ok() || !inner.ok()) return unusable("its signature is cut short");
  if (used != algorithm)
    return unusable("it signed with " + std::string(used) + " where " + std::string(algorithm) + " was asked for");
  if (algorithm.starts_with("sk-")) return std::string(signature.substr(4 + used.size()));
  return std::string(blob);
}

}  // namespace cbs::identity
