// A password that is typed once for many hosts.
#pragma once

#include "common/error.h"
#include "common/secret.h"
#include "schema/types.capnp.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cbs::cli {

// It goes to the hosts where the same user logs in, once to each: one that does not take it is not given another.
// Passphrases, codes and whatever else is asked for are not shared.
class SharedPassword {
 public:
  using Question = schema::Question::Reader;

  // The answer without a person; an error (authRefused/passwordRefused): the host has had it already. nullopt: a person
  // has to be asked.
  std::optional<Expected<SharedSecret>> recall(Question question);

  // What the person has answered. Counts as given to the host that had asked.
  void keep(Question question, const std::vector<SharedSecret>& answers);

  // What the person should know before they answer; "" if the answer is for one host alone.
  static std::string noteFor(Question question);

 private:
  struct Kept {
    SharedSecret password;
    std::set<std::string> given;  // to these logins
  };
  std::map<std::string, Kept> byUser_;
};

}  // namespace cbs::cli
