// What people have typed for logins, for as long as it takes to make use of it.
#pragma once

#include "agentd/identity/asker.h"
#include "agentd/identity/shared_call.h"
#include "common/loop.h"

#include <map>
#include <memory>
#include <string>

namespace cbs::identity {

// A host's connections are made several at a time, and each login asks the same: all of them get one answer, also those
// that come half a minute later.
class AnswerBook : private kj::TaskSet::ErrorHandler {
 public:
  explicit AnswerBook(Loop loop) : loop_(loop) {}

  // As askPerson. `login` tells the logins apart that may share an answer.
  Task<Expected<Answers>> ask(std::string login, Asker asker, Question question);

  // The server did not accept the answers: the next time somebody is asked again.
  void refused(const std::string& login, const Question& question);

 private:
  using Shared = std::shared_ptr<const Answers>;
  struct Kept {
    Shared answers;
    kj::TimePoint usedAt;
  };
  Shared use(const std::string& key);
  Task<Expected<Shared>> askForAll(Asker asker, Question question);
  Task<void> forgetUnused(std::string key);
  void taskFailed(kj::Exception&&) override {}

  Loop loop_;
  std::map<std::string, Kept> kept_;
  SharedCalls<Shared> asking_;
  kj::TaskSet forgetting_{*this};
};

}  // namespace cbs::identity
