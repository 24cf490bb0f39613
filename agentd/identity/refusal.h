// What is said of a host key that is not accepted.
#pragma once

#include "agentd/identity/verdict.h"
#include "common/error.h"

#include <string>

namespace cbs::identity {

// Errors of kind hostKeyRefused. `name` is what known_hosts calls the host. All have the facts `fingerprint` and
// `keyType`, of the plain key if a certificate was shown, and `certificate` if that was not enough.

Error changedKey(const std::string& name, const Judgement& judgement);
Error revokedKey(const std::string& name, const Judgement& judgement);
// `file` is one of RevokedHostKeys.
Error revokedByFile(const std::string& name, const std::string& blob, const std::string& file);
// RSA with fewer bits than RequiredRSASize.
Error shortKey(const std::string& name, const std::string& blob, size_t bits, size_t required);
Error unknownKey(const std::string& name, const Judgement& judgement);

}  // namespace cbs::identity
