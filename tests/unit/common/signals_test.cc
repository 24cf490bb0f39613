#include "common/signals.h"

#include <catch2/catch_test_macros.hpp>

#include <csignal>

namespace cbs {
namespace {

TEST_CASE("every signal of RFC 4254 has a number, with and without SIG, and gets its name back") {
  for (std::string_view name :
       {"ABRT", "ALRM", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT", "SEGV", "TERM", "USR1", "USR2"}) {
    auto number = signalNumber(name);
    INFO(name);
    REQUIRE(number.has_value());
    REQUIRE(signalName(*number) == name);
    REQUIRE(signalNumber("SIG" + std::string(name)) == number);
  }
  REQUIRE(signalNumber("TERM") == SIGTERM);
}

TEST_CASE("what is no signal has neither number nor name") {
  for (std::string_view name : {"", "SIG", "term", "SIGSIGTERM", "FOO@openssh.com", "9"})
    REQUIRE_FALSE(signalNumber(name));
  for (int number : {-1, 0, 64, 1000}) REQUIRE(signalName(number).empty());
}

}  // namespace
}  // namespace cbs
