// `cbsession exec` on one host: what a command prints, what it ends with, what it is told.
#include "tests/support/lab.h"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

namespace cbs::test {
namespace {

// Every byte there is, in an order that no text filter survives.
std::string everyByte() {
  std::string bytes(256, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  return bytes;
}

TEST_CASE("exec passes output, errors and status on") {
  Lab lab;

  SECTION("stdout and stderr come apart") {
    auto result = lab.exec("echo to out; echo to err >&2; exit 3");
    CHECK(result.code == 3);
    CHECK(result.out == "to out\n");
    CHECK(result.err == "to err\n");
  }

  SECTION("output is passed on byte for byte, also without a newline at its end") {
    auto result = lab.exec("i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done");
    CHECK(result.code == 0);
    CHECK(result.out == everyByte());
    CHECK(result.err == "");
  }

  SECTION("a command that prints nothing prints nothing") {
    auto result = lab.exec("true");
    CHECK(result.code == 0);
    CHECK(result.out == "");
    CHECK(result.err == "");
  }

  SECTION("the remote status passes through, whatever it is") {
    for (int status : {1, 2, 126, 127, 200, 240, 255}) CHECK(lab.exec("exit " + std::to_string(status)).code == status);
  }

  SECTION("a command that a signal ends exits with 128 and the signal's number") {
    CHECK(lab.exec("kill -TERM $$").code == 128 + 15);
    CHECK(lab.exec("kill -KILL $$").code == 128 + 9);
  }

  SECTION("several megabytes come whole on both streams at once") {
    auto result = lab.exec("head -c 3000000 /dev/zero & head -c 2000000 /dev/zero >&2; wait");
    CHECK(result.code == 0);
    CHECK(result.out == std::string(3'000'000, '\0'));
    CHECK(result.err == std::string(2'000'000, '\0'));
  }
}

}  // namespace
}  // namespace cbs::test
