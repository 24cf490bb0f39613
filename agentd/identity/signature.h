// Verifies signatures in SSH's own forms, by OpenSSL.
#pragma once

#include <string_view>

namespace cbs::identity {

enum class SignatureCheck {
  GOOD,
  BAD,          // or the key or the signature is broken
  UNSUPPORTED,  // keys other than ed25519, ECDSA and RSA, RSA below 1024 bits, and RSA with SHA-1
};

// The algorithm that a signature blob names, e.g. `rsa-sha2-512` (RFC 4253 §6.6); "" if it is broken.
std::string_view signatureAlgorithmOf(std::string_view signature);

// Whether `signature` is that of `data` by the key `key`, both as blobs of RFC 4253 §6.6.
SignatureCheck checkSignature(std::string_view key, std::string_view data, std::string_view signature);

}  // namespace cbs::identity
