#include "cli/exec/shared_password.h"

#include <string_view>

namespace cbs::cli {
namespace {

bool asksForPassword(SharedPassword::Question question) {
  auto prompts = question.getPrompts();
  if (prompts.size() != 1 || prompts[0].getEcho()) return false;
  std::string_view text = prompts[0].getText().cStr();
  return text.find("assword") != text.npos;
}

// Who logs in, if the answer is for all hosts where they do; else "".
std::string userOf(SharedPassword::Question question) {
  std::string subject = question.getSubject().cStr();
  size_t at = subject.rfind('@');
  return at == std::string::npos || !asksForPassword(question) ? "" : subject.substr(0, at);
}

}  // namespace

std::optional<Expected<SharedSecret>> SharedPassword::recall(Question question) {
  auto kept = byUser_.find(userOf(question));
  if (kept == byUser_.end()) return std::nullopt;
  bool isFirst = kept->second.given.insert(question.getSubject().cStr()).second;
  if (isFirst) return kept->second.password;
  return Expected<SharedSecret>(
      fail(ErrorKind::AUTH_REFUSED, Reason::PASSWORD_REFUSED, "the one that was typed for all hosts"));
}

void SharedPassword::keep(Question question, const std::vector<SharedSecret>& answers) {
  auto user = userOf(question);
  if (!user.empty()) byUser_.emplace(user, Kept{answers.front(), {question.getSubject().cStr()}});
}

std::string SharedPassword::noteFor(Question question) {
  auto user = userOf(question);
  return user.empty() ? "" : "What you type goes to every host that asks for a password of " + user + ".\n";
}

}  // namespace cbs::cli
