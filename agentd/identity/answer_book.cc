#include "agentd/identity/answer_book.h"

namespace cbs::identity {
namespace {

constexpr auto kKeep = 30 * kj::SECONDS;

std::string keyOf(const std::string& login, const Question& question) {
  auto key = login + '\0' + question.instruction;
  for (const auto& prompt : question.prompts) key += '\0' + prompt.text;
  return key;
}

}  // namespace

AnswerBook::Shared AnswerBook::use(const std::string& key) {
  auto found = kept_.find(key);
  if (found == kept_.end()) return nullptr;
  found->second.usedAt = loop_.timer.now();
  return found->second.answers;
}

Task<Expected<Answers>> AnswerBook::ask(std::string login, Asker asker, Question question) {
  auto key = keyOf(login, question);
  if (auto known = use(key)) co_return *known;
  auto answers = co_await asking_.joinOrTakeOver(key, [this, asker, question]() { return askForAll(asker, question); });
  if (!answers) co_return fail(std::move(answers.error()));
  bool isNew = kept_.try_emplace(key, Kept{*answers, loop_.timer.now()}).second;
  if (isNew) forgetting_.add(forgetUnused(key));
  co_return **answers;
}

Task<Expected<AnswerBook::Shared>> AnswerBook::askForAll(Asker asker, Question question) {
  auto answers = co_await askPerson(loop_.timer, std::move(asker), std::move(question));
  if (!answers) co_return fail(std::move(answers.error()));
  co_return std::make_shared<const Answers>(std::move(*answers));
}

Task<void> AnswerBook::forgetUnused(std::string key) {
  for (;;) {
    auto found = kept_.find(key);
    if (found == kept_.end()) co_return;
    auto unusedFor = loop_.timer.now() - found->second.usedAt;
    if (unusedFor >= kKeep) {
      kept_.erase(found);
      co_return;
    }
    co_await loop_.timer.afterDelay(kKeep - unusedFor);
  }
}

void AnswerBook::refused(const std::string& login, const Question& question) { kept_.erase(keyOf(login, question)); }

}  // namespace cbs::identity
