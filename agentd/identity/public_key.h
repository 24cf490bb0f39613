// Public keys in the forms that OpenSSH writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbs::identity {

// The type that a key blob names, e.g. `ssh-ed25519` (RFC 4253 §6.6); "" if the blob is broken.
std::string_view keyTypeOf(std::string_view blob);

// `SHA256:` and the digest in base64 without padding, as ssh and ssh-keygen print it.
std::string fingerprintOf(std::string_view blob);

// The length in bits of an RSA key, or of the one in a certificate; nothing for other types and broken blobs.
std::optional<size_t> rsaBitsOf(std::string_view blob);

// The blob of a key that is written as `type base64`, if the two agree.
std::optional<std::string> parsePublicKey(std::string_view type, std::string_view base64);

// The key on the first line of a .pub file.
std::optional<std::string> parsePublicKeyFile(std::string_view text);

std::string encodeBase64(std::string_view bytes);
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace cbs::identity
