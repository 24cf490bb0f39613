#include "common/nearest_word.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace cbs {
namespace {

constexpr std::string_view kWords[] = {"exec", "upload", "session.command.max_pool_size",
                                       "session.command.core_pool_size", "session.ssh"};

TEST_CASE("a slip finds the word that was meant") {
  REQUIRE(nearestWord("egce", kWords).empty());  // two of four letters are no slip
  REQUIRE(nearestWord("exec", kWords) == "exec");
  REQUIRE(nearestWord("exeg", kWords) == "exec");
  REQUIRE(nearestWord("uplaod", kWords) == "upload");
  REQUIRE(nearestWord("sesion.ssh", kWords) == "session.ssh");
}

TEST_CASE("two letters that are swapped are one slip") {
  REQUIRE(nearestWord("exce", kWords) == "exec");
  REQUIRE(nearestWord("xeec", kWords) == "exec");
  REQUIRE(nearestWord("xece", kWords).empty());  // two swaps
  REQUIRE(nearestWord("cexe", kWords).empty());  // a letter that moved over two others
}

TEST_CASE("another spelling, or a missing section, finds the key") {
  REQUIRE(nearestWord("session.command.maxPoolSize", kWords) == "session.command.max_pool_size");
  REQUIRE(nearestWord("core-pool-size", kWords) == "session.command.core_pool_size");
  REQUIRE(nearestWord("session.ssh.core_pool_sizes", kWords) == "session.command.core_pool_size");
}

TEST_CASE("a word that is like none finds none") {
  REQUIRE(nearestWord("", kWords).empty());
  REQUIRE(nearestWord("completely different", kWords).empty());
  REQUIRE(nearestWord(std::string(100'000, 'x'), kWords).empty());
  REQUIRE(nearestWord("exec", {}).empty());
}

}  // namespace
}  // namespace cbs
