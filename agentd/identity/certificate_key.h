// The plain key that a certificate is about (PROTOCOL.certkeys in OpenSSH's source).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbs::identity {

// Whether a key type, or the algorithm of a signature, is a certificate's: `ssh-ed25519-cert-v01@openssh.com`.
bool isCertificateType(std::string_view type);

// What it is without the certificate: `ssh-ed25519`. Others stay as they are.
std::string plainTypeOf(std::string_view type);

// How many strings make up a plain key of a type, after the type's name; 0: no such type.
int keyFieldsOf(std::string_view plainType);

// The blob of the key in a certificate's blob; none if it is no certificate, or broken.
std::optional<std::string> plainKeyOf(std::string_view certificate);

}  // namespace cbs::identity
