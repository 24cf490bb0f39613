// Asks the person on whose behalf a login is made.
#pragma once

#include "common/error.h"
#include "common/secret.h"
#include "common/task.h"
#include "schema/types.capnp.h"

#include <kj/timer.h>

#include <memory>
#include <string>
#include <vector>

namespace cbs::identity {

struct Question {
  struct Prompt {
    std::string text;
    bool echo = false;
  };
  std::string subject;  // whom it is about: user@host, or a key file
  std::string instruction;
  std::vector<Prompt> prompts;
};
using Answers = std::vector<SharedSecret>;

struct Asker {
  std::shared_ptr<schema::Prompter::Client> prompter = nullptr;  // null: nobody can be asked
  bool passwords = false;                                        // for them as well, not for passphrases alone
};

// As many answers as prompts, within two minutes. Fails with authRefused/nobodyToAsk when there is nobody, or they
// would not say; with cancelled/callerGone when they went away.
Task<Expected<Answers>> askPerson(kj::Timer& timer, Asker asker, Question question);

}  // namespace cbs::identity
