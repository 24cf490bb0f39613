#include "common/temporary_name.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs {
namespace {

TEST_CASE("a temporary name is known as one of its file's, and no two are the same") {
  const std::string name = temporaryName("a.txt");
  REQUIRE(name.substr(0, name.size() - 8) == ".a.txt.cbs-");
  REQUIRE(isTemporary(name));
  REQUIRE(isTemporaryOf(name, "a.txt"));
  REQUIRE_FALSE(isTemporaryOf(name, "a"));
  REQUIRE_FALSE(isTemporaryOf(name, "b.txt"));
  REQUIRE(name != temporaryName("a.txt"));
}

TEST_CASE("the temporary name of a file with a long name is no longer than names may be") {
  const std::string longest(255, 'x');
  REQUIRE(temporaryName(longest).size() == 214);
  REQUIRE(isTemporaryOf(temporaryName(longest), longest));
}

TEST_CASE("no character of a long name is cut in two in its temporary one") {
  std::string name(199, 'x');
  for (int i = 0; i < 10; ++i) name += "\xe2\x82\xac";
  REQUIRE(temporaryName(name).substr(0, 205) == "." + std::string(199, 'x') + ".cbs-");
  REQUIRE(isTemporaryOf(temporaryName(name), name));
  const std::string other(255, '\x80');
  REQUIRE(temporaryName(other).size() == 214);
}

TEST_CASE("other names are not taken for temporary ones") {
  for (const char* name : {"", ".", "a", "a.cbs-aaaaaaaa", "..cbs-aaaaaaaa", ".a.cbs-aaaaaaa", ".a.cbs-aaaaaaaaa",
                           ".a.cbs-aaaaaaa1", ".a.cbs-AAAAAAAA", ".a.cbs-"}) {
    CAPTURE(name);
    REQUIRE_FALSE(isTemporary(name));
    REQUIRE_FALSE(isTemporaryOf(name, "a"));
  }
}

}  // namespace
}  // namespace cbs
