#include "agentd/identity/certificate_key.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"

#include <array>
#include <utility>

namespace cbs::identity {
namespace {

constexpr std::string_view kMark = "-cert-v01@openssh.com";

// How many strings make up a public key of a type, after the type's name.
constexpr std::array<std::pair<std::string_view, int>, 7> kFields = {{{"ssh-ed25519", 1},
                                                                      {"ssh-rsa", 2},
                                                                      {"ecdsa-sha2-nistp256", 2},
                                                                      {"ecdsa-sha2-nistp384", 2},
                                                                      {"ecdsa-sha2-nistp521", 2},
                                                                      {"sk-ssh-ed25519@openssh.com", 2},
                                                                      {"sk-ecdsa-sha2-nistp256@openssh.com", 3}}};

}  // namespace

int keyFieldsOf(std::string_view plainType) {
  for (const auto& [name, fields] : kFields) {
    if (name == plainType) return fields;
  }
  return 0;
}

bool isCertificateType(std::string_view type) { return type.ends_with(kMark); }

std::string plainTypeOf(std::string_view type) {
  if (!isCertificateType(type)) return std::string(type);
  type.remove_suffix(kMark.size());
  return std::string(type) + (type.starts_with("sk-") ? "@openssh.com" : "");
}

std::optional<std::string> plainKeyOf(std::string_view certificate) {
  auto type = keyTypeOf(certificate);
  auto plain = plainTypeOf(type);
  int fields = isCertificateType(type) ? keyFieldsOf(plain) : 0;
  if (fields == 0) return std::nullopt;
  core::WireReader reader(certificate);
  reader.string();  // the type
  reader.string();  // a nonce
  core::WireWriter key;
  key.string(plain);
  for (int i = 0; i < fields; ++i) key.string(reader.string());
  if (!reader.ok()) return std::nullopt;
  return key.bytes();
}

}  // namespace cbs::identity
