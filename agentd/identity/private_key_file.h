// What a private key file says without its passphrase.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbs::identity {

// The public key's blob, which stands in the clear in OpenSSH's own format (PROTOCOL.key in its source); none in
// others.
std::optional<std::string> publicKeyIn(std::string_view privateKeyFile);

// It cannot be read without a passphrase, in whatever format it is.
bool isEncrypted(std::string_view privateKeyFile);

}  // namespace cbs::identity
