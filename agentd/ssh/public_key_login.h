// The method `publickey` (RFC 4252 §7).
#pragma once

#include "agentd/ssh/credentials.h"
#include "agentd/ssh/session.h"

#include <string>

namespace cbs::ssh {

// Offers the signer's keys in turn. What has become of them is kept for a message.
class PublicKeyLogin {
 public:
  PublicKeyLogin(Session& session, std::string user, Signer& signer)
      : session_(session), user_(std::move(user)), signer_(signer) {}

  // Gives whether the login is done. False as well when the server has accepted a key and wants more; fails when the
  // connection breaks.
  Task<Expected<bool>> run();

  // Where the keys that were offered come from, ", " between them.
  const std::string& offered() const { return offered_; }
  size_t count() const { return count_; }
  // Why a key was not offered, or did not sign, if that explains that the login failed.
  const std::optional<Error>& shortcoming() const { return shortcoming_; }

 private:
  enum class Verdict { REFUSED, SIGNED, DONE };
  Task<Expected<Verdict>> offer(PublicKey key);

  Session& session_;
  std::string user_;
  Signer& signer_;
  std::string offered_;
  size_t count_ = 0;
  std::optional<Error> shortcoming_;
};

}  // namespace cbs::ssh
