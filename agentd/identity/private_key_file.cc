#include "agentd/identity/private_key_file.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"

namespace cbs::identity {
namespace {

constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kMagic{"openssh-key-v1\0", 15};

struct Envelope {
  std::string cipher;
  std::string publicKey;
};

std::optional<Envelope> open(std::string_view text) {
  auto begin = text.find(kBegin);
  auto end = text.find(kEnd);
  if (begin == text.npos || end == text.npos || end < begin) return std::nullopt;
  std::string base64;
  for (char c : text.substr(begin + kBegin.size(), end - begin - kBegin.size())) {
    if (c != '\n' && c != '\r') base64 += c;
  }
  auto bytes = decodeBase64(base64);
  if (!bytes || !bytes->starts_with(kMagic)) return std::nullopt;
  core::WireReader reader(std::string_view(*bytes).substr(kMagic.size()));
  Envelope envelope;
  envelope.cipher = reader.string();
  reader.string();  // how the passphrase becomes a key
  reader.string();  // with what
  bool single = reader.uint32() == 1;
  envelope.publicKey = reader.string();
  if (!reader.ok() || !single || keyTypeOf(envelope.publicKey).empty()) return std::nullopt;
  return envelope;
}

}  // namespace

std::optional<std::string> publicKeyIn(std::string_view privateKeyFile) {
  auto envelope = open(privateKeyFile);
  if (!envelope) return std::nullopt;
  return std::move(envelope->publicKey);
}

bool isEncrypted(std::string_view privateKeyFile) {
  auto envelope = open(privateKeyFile);
  return envelope ? envelope->cipher != "none" : privateKeyFile.find("ENCRYPTED") != privateKeyFile.npos;
}

}  // namespace cbs::identity
