#include "agentd/identity/refusal.h"

#include "agentd/identity/public_key.h"

namespace cbs::identity {
namespace {

Error refusal(Reason reason, const std::string& blob, std::string detail) {
  return Error{ErrorKind::HOST_KEY_REFUSED, reason, std::move(detail)}
      .with("fingerprint", fingerprintOf(blob))
      .with("keyType", std::string(keyTypeOf(blob)));
}

Error withObjection(Error error, const std::string& objection) {
  if (objection.empty()) return error;
  error.detail += "; its certificate " + objection;
  return std::move(error).with("certificate", objection);
}

std::string placeOf(const Judgement& judgement) { return judgement.file + " line " + std::to_string(judgement.line); }

}  // namespace

Error changedKey(const std::string& name, const Judgement& judgement) {
  auto expected = fingerprintOf(judgement.expectedBlob);
  auto detail = "host key of " + name + " changed: it is " + fingerprintOf(judgement.plainKey) + ", expected " +
                expected + " (" + placeOf(judgement) + "). If the host has a new key, ssh-keygen -R '" + name +
                "' forgets the old one";
  auto error = refusal(Reason::HOST_KEY_CHANGED, judgement.plainKey, std::move(detail))
                   .with("knownAs", name)
                   .with("expectedFingerprint", expected)
                   .with("file", judgement.file)
                   .with("line", std::to_string(judgement.line));
  return withObjection(std::move(error), judgement.objection);
}

Error revokedKey(const std::string& name, const Judgement& judgement) {
  bool authority = judgement.expectedBlob != judgement.plainKey;
  auto what = authority ? "the authority that has signed the host key of " + name : "host key of " + name;
  return refusal(Reason::HOST_KEY_REVOKED, judgement.plainKey, what + " is revoked (" + placeOf(judgement) + ")")
      .with("file", judgement.file)
      .with("line", std::to_string(judgement.line));
}

Error revokedByFile(const std::string& name, const std::string& blob, const std::string& file) {
  return refusal(Reason::HOST_KEY_REVOKED, blob, "host key of " + name + " is revoked by " + file)
      .with("revocationList", file);
}

Error shortKey(const std::string& name, const std::string& blob, size_t bits, size_t required) {
  return refusal(Reason::HANDSHAKE_FAILED, blob,
                 "host key of " + name + " has " + std::to_string(bits) + " bits, and RequiredRSASize is " +
                     std::to_string(required));
}

Error unknownKey(const std::string& name, const Judgement& judgement) {
  auto detail = "host key of " + name + " is not known: it is " + fingerprintOf(judgement.plainKey) +
                ". Log in once with ssh to confirm it, or set StrictHostKeyChecking accept-new for the host";
  return withObjection(refusal(Reason::HOST_KEY_UNKNOWN, judgement.plainKey, std::move(detail)), judgement.objection);
}

}  // namespace cbs::identity
