// The methods whose answers a person types: `password` (RFC 4252 §8) and `keyboard-interactive` (RFC 4256).
#pragma once

#include "agentd/ssh/credentials.h"
#include "agentd/ssh/session.h"

#include <optional>
#include <string>

namespace cbs::ssh {

class TypedLogin {
 public:
  // Each method is tried at most `attempts` times.
  TypedLogin(Session& session, std::string user, Signer& signer, unsigned attempts)
      : session_(session), user_(std::move(user)), signer_(signer), attempts_(attempts) {}

  // As PublicKeyLogin::run.
  Task<Expected<bool>> password();
  Task<Expected<bool>> keyboardInteractive();

  // Why it has come to nothing: nobody could be asked, or the server did not accept what was typed.
  const std::optional<Error>& shortcoming() const { return shortcoming_; }

 private:
  class Conversation;
  enum class Verdict { DONE, REFUSED, UNANSWERED };
  Task<Expected<Verdict>> converse();
  Task<std::optional<Answers>> ask(Question question);

  Session& session_;
  std::string user_;
  Signer& signer_;
  unsigned attempts_;
  std::optional<Error> shortcoming_;
};

}  // namespace cbs::ssh
