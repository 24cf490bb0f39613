// The methods whose answers a person types: `password` (RFC 4252 §8) and `keyboard-interactive` (RFC 4256).
#pragma once

#include "agentd/ssh/credentials.h"
#include "agentd/ssh/session.h"

#include <optional>
#include <string>

namespace cbs::ssh {

class TypedLogin {
 public:
  TypedLogin(Session& session, std::string user, Signer& signer)
      : session_(session), user_(std::move(user)), signer_(signer) {}

  // One attempt. UNANSWERED: nobody could be asked, or the server asked nothing. Fails when the connection breaks.
  enum class Verdict { DONE, FAILED, UNANSWERED };
  Task<Expected<Verdict>> password();
  Task<Expected<Verdict>> keyboardInteractive();

  // The attempt that failed was not a part of what the server wants: what was typed was wrong.
  void wasWrong();

  // Why it has come to nothing: nobody could be asked, or the server did not accept what was typed.
  const std::optional<Error>& shortcoming() const { return shortcoming_; }

 private:
  class Conversation;
  Task<std::optional<Answers>> ask(Question question);

  Session& session_;
  std::string user_;
  Signer& signer_;
  Question asked_;      // by the last attempt
  std::string detail_;  // the server's reason, if there is one
  std::optional<Error> shortcoming_;
};

}  // namespace cbs::ssh
