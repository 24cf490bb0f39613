#include "agentd/transfer/sha256.h"

#include <kj/debug.h>
#include <kj/encoding.h>

#include <openssl/evp.h>

namespace cbs::transfer {

struct Sha256::State {
  State() { KJ_REQUIRE(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1); }
  ~State() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::add(kj::ArrayPtr<const kj::byte> bytes) {
  KJ_REQUIRE(EVP_DigestUpdate(state_->context, bytes.begin(), bytes.size()) == 1);
}

std::string Sha256::digest() {
  unsigned char digest[kBytes];
  KJ_REQUIRE(EVP_DigestFinal_ex(state_->context, digest, nullptr) == 1);
  return {reinterpret_cast<const char*>(digest), sizeof(digest)};
}

std::string hexOf(const std::string& digest) {
  return kj::encodeHex(kj::arrayPtr(reinterpret_cast<const kj::byte*>(digest.data()), digest.size())).cStr();
}

std::string digestOfHex(std::string_view hex) {
  if (hex.size() != 2 * Sha256::kBytes) return "";
  auto bytes = kj::decodeHex(kj::arrayPtr(hex.data(), hex.size()));
  if (bytes.hadErrors) return "";
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace cbs::transfer
