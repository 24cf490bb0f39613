#include "cli/exec/shared_password.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

class Asked {
 public:
  explicit Asked(const char* subject, const char* text = "Password: ", bool echo = false) {
    auto question = message_.initRoot<schema::Question>();
    question.setSubject(subject);
    auto prompt = question.initPrompts(1)[0];
    prompt.setText(text);
    prompt.setEcho(echo);
  }
  schema::Question::Reader question() { return message_.getRoot<schema::Question>().asReader(); }

 private:
  capnp::MallocMessageBuilder message_;
};

std::vector<SharedSecret> typed(const char* text) { return {std::make_shared<const Secret>(text)}; }

TEST_CASE("a password goes once to each host where the same user logs in, and to no other user") {
  SharedPassword shared;
  REQUIRE_FALSE(shared.recall(Asked("anna@web1").question()));
  shared.keep(Asked("anna@web1").question(), typed("secret"));
  auto known = shared.recall(Asked("anna@web2", "anna@web2's password: ").question());
  REQUIRE(known);
  REQUIRE(known->has_value());
  CHECK((**known)->view() == "secret");
  CHECK_FALSE(shared.recall(Asked("root@web1").question()));
}

TEST_CASE("a host that does not take the password of all is not given it again, nor is a person asked") {
  SharedPassword shared;
  shared.keep(Asked("anna@web1").question(), typed("wrong"));
  auto again = shared.recall(Asked("anna@web1").question());
  REQUIRE(again);
  CHECK(again->error().reason == Reason::PASSWORD_REFUSED);
}

TEST_CASE("codes, what may be seen, and passphrases of keys are not shared") {
  SharedPassword shared;
  Asked code("anna@web1", "Verification code: ");
  Asked visible("anna@web1", "Password: ", true);
  Asked key("/home/anna/.ssh/id", "Password: ");
  for (auto* asked : {&code, &visible, &key}) {
    shared.keep(asked->question(), typed("1234"));
    CHECK(SharedPassword::noteFor(asked->question()).empty());
  }
  CHECK_FALSE(shared.recall(Asked("anna@web2").question()));
}

}  // namespace
}  // namespace cbs::cli
