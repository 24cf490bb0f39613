// `cbsession exec -i`: standard input on its way to the host.
#include "tests/support/lab.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

std::string binary(size_t size) {
  std::string bytes(size, '\0');
  unsigned state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

TEST_CASE("exec -i forwards standard input byte for byte, and its end") {
  Lab lab;
  std::string bytes = binary(3'000'000);
  auto result = lab.agent.cli({"exec", "-i", "web1", "cat"}, bytes);
  CHECK(result.code == 0);
  CHECK(result.out == bytes);
  CHECK(result.err == "");
}

TEST_CASE("exec -i ends with a command that stops reading early, whatever is left to be sent") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "-i", "web1", "head -c 10; exit 4"}, std::string(30'000'000, 'x'));
  CHECK(result.code == 4);
  CHECK(result.out == std::string(10, 'x'));
}

TEST_CASE("exec -i ends with the command, though standard input stays open") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "-i", "web1", "read line; echo got $line"});
  process.write("a line\n");
  CHECK(process.out().until("got a line\n") == "got a line\n");
  CHECK(process.err().toEnd() == "");  // no one closes its input
  CHECK(process.finish().code == 0);
}

TEST_CASE("exec without -i leaves standard input alone, so that loops which read it are safe") {
  Lab lab;
  std::string script = std::string("while read host; do \"$1\" exec $host 'cat; echo ran'; done");
  auto program = lab.agent.cliProgram({});
  CliProcess shell(
      Program{.argv = {"/bin/sh", "-c", script, "sh", program.argv[0]}, .environment = program.environment});
  auto result = shell.finishWithInput("web1\nweb1\nweb1\n");
  CHECK(result.out == "ran\nran\nran\n");
}

}  // namespace
}  // namespace cbs::test
