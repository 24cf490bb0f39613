#include "agentd/identity/signature.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>

namespace cbs::identity {
namespace {

constexpr int kLeastRsaBits = 1024;  // as OpenSSH

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* value) const {
    release(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

// What a key and a signature algorithm need of OpenSSL.
struct Verification {
  Key key;
  const EVP_MD* digest = nullptr;  // none for ed25519, which hashes by itself
  std::string signature;           // in OpenSSL's form
};

const unsigned char* unsignedBytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number numberOf(std::string_view mpint) {
  return Number(BN_bin2bn(unsignedBytes(mpint), static_cast<int>(mpint.size()), nullptr));
}

Key keyFrom(const char* type, OSSL_PARAM_BLD* builder) {
  std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder));
  EVP_PKEY* key = nullptr;
  if (context && parameters && EVP_PKEY_fromdata_init(context.get()) == 1) {
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  return Key(key);
}

using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;

// RFC 8709: the point as it is.
Verification ed25519(core::WireReader key, std::string_view signature) {
  auto point = key.string();
  return {.key = Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsignedBytes(point), point.size())),
          .signature = std::string(signature)};
}

// RFC 5656 §3.1: the curve's name and a point; §3.1.2: two numbers, which OpenSSL wants in DER.
Verification ecdsa(core::WireReader key, std::string_view signature, const char* group, const EVP_MD* digest) {
  key.string();
  auto point = key.string();
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());

  core::WireReader numbers(signature);
  auto r = numberOf(numbers.string());
  auto s = numberOf(numbers.string());
  if (!numbers.ok() || !numbers.atEnd()) return {};
  std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), r.release(), s.release());
  unsigned char* der = nullptr;
  int length = i2d_ECDSA_SIG(pair.get(), &der);
  std::string form(reinterpret_cast<char*>(der), static_cast<size_t>(length < 0 ? 0 : length));
  OPENSSL_free(der);
  return {.key = keyFrom("EC", builder.get()), .digest = digest, .signature = std::move(form)};
}

// RFC 4253 §6.6: exponent and modulus; RFC 8332 §3: a signature as long as the modulus.
Verification rsa(core::WireReader key, std::string_view signature, const EVP_MD* digest) {
  auto exponent = numberOf(key.string());
  auto modulus = numberOf(key.string());
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  auto length = static_cast<size_t>(BN_num_bytes(modulus.get()));
  auto missing = length - std::min(length, signature.size());  // leading zeros, which some leave out
  return {.key = keyFrom("RSA", builder.get()),
          .digest = digest,
          .signature = std::string(missing, '\0') + std::string(signature)};
}

bool verifies(const Verification& by, std::string_view data) {
  std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  return by.key != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, by.digest, nullptr, by.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), unsignedBytes(by.signature), by.signature.size(), unsignedBytes(data),
                          data.size()) == 1;
}

Verification verificationOf(std::string_view type, std::string_view algorithm, core::WireReader key,
                            std::string_view signature) {
  if (type == "ssh-rsa" && algorithm == "rsa-sha2-256") return rsa(key, signature, EVP_sha256());
  if (type == "ssh-rsa" && algorithm == "rsa-sha2-512") return rsa(key, signature, EVP_sha512());
  if (type != algorithm) return {};
  if (type == "ssh-ed25519") return ed25519(key, signature);
  if (type == "ecdsa-sha2-nistp256") return ecdsa(key, signature, "P-256", EVP_sha256());
  if (type == "ecdsa-sha2-nistp384") return ecdsa(key, signature, "P-384", EVP_sha384());
  if (type == "ecdsa-sha2-nistp521") return ecdsa(key, signature, "P-521", EVP_sha512());
  return {};
}

bool supported(std::string_view type, std::string_view algorithm) {
  if (type == "ssh-rsa") return algorithm != "ssh-rsa";
  return type == "ssh-ed25519" || type.starts_with("ecdsa-sha2-");
}

}  // namespace

std::string_view signatureAlgorithmOf(std::string_view signature) { return keyTypeOf(signature); }

SignatureCheck checkSignature(std::string_view key, std::string_view data, std::string_view signature) {
  auto algorithm = signatureAlgorithmOf(signature);
  auto type = keyTypeOf(key);
  if (!supported(type, algorithm)) return SignatureCheck::UNSUPPORTED;
  core::WireReader keyFields(key), signatureFields(signature);
  keyFields.string();
  signatureFields.string();
  auto bytes = signatureFields.string();
  if (!signatureFields.ok() || !signatureFields.atEnd()) return SignatureCheck::BAD;
  auto by = verificationOf(type, algorithm, keyFields, bytes);
  bool weak = type == "ssh-rsa" && by.key != nullptr && EVP_PKEY_get_bits(by.key.get()) < kLeastRsaBits;
  if (weak) return SignatureCheck::UNSUPPORTED;
  return verifies(by, data) ? SignatureCheck::GOOD : SignatureCheck::BAD;
}

}  // namespace cbs::identity
