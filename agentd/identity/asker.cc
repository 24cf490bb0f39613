#include "agentd/identity/asker.h"

#include "common/deadline.h"

#include <optional>

namespace cbs::identity {
namespace {

constexpr auto kPatience = 2 * kj::MINUTES;  // as long as sshd waits for a login (LoginGraceTime)

tl::unexpected<Error> nobody(std::string detail) {
  return fail(ErrorKind::AUTH_REFUSED, Reason::NOBODY_TO_ASK, std::move(detail));
}

void describe(const Question& question, schema::Question::Builder to) {
  to.setSubject(question.subject.c_str());
  to.setInstruction(question.instruction.c_str());
  auto prompts = to.initPrompts(static_cast<unsigned>(question.prompts.size()));
  for (unsigned i = 0; i < prompts.size(); ++i) {
    prompts[i].setText(question.prompts[i].text.c_str());
    prompts[i].setEcho(question.prompts[i].echo);
  }
}

Task<Expected<Answers>> askBy(schema::Prompter::Client prompter, Question question) {
  auto request = prompter.askRequest();
  describe(question, request.initQuestion());
  try {
    auto response = co_await request.send();
    if (response.getError().getKind() != ErrorKind::NONE) co_return fail(decode(response.getError()));
    Answers answers;
    for (auto answer : response.getAnswers()) {
      std::string_view bytes(answer.asChars().begin(), answer.size());
      answers.push_back(std::make_shared<const Secret>(bytes));
      wipe(bytes);
    }
    if (answers.size() != question.prompts.size()) co_return nobody("there are fewer answers than questions");
    co_return answers;
  } catch (const kj::Exception&) {
    // It has gone, and what it was asked with it.
  }
  co_return fail(ErrorKind::CANCELLED, Reason::CALLER_GONE, "who was asked for " + question.subject + " has gone");
}

}  // namespace

Task<Expected<Answers>> askPerson(kj::Timer& timer, Asker asker, Question question) {
  Error late{ErrorKind::AUTH_REFUSED, Reason::NOBODY_TO_ASK, "there was no answer for two minutes"};
  if (asker.prompter == nullptr) co_return nobody("no terminal");
  co_return co_await within(timer, kPatience, std::move(late), askBy(*asker.prompter, std::move(question)));
}

}  // namespace cbs::identity
