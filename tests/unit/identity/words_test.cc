#include "agentd/identity/words.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("a line of ssh_config is split into words") {
  CHECK(splitWords("  Include a  b\r") == Words{"Include", "a", "b"});
  CHECK(splitWords("Include=a") == Words{"Include", "a"});
  CHECK(splitWords("Include = \"with blank\" b # comment") == Words{"Include", "with blank", "b"});
  CHECK(splitWords("Include \"open") == Words{"Include", "open"});
  CHECK(splitWords("# Include a").empty());
  CHECK(splitWords("").empty());
}

TEST_CASE("quotes may stand around a part of a word, and a backslash keeps them") {
  CHECK(splitWords("SetEnv A=\"x y\" 'B=\"q\"' C=it\\'s") == Words{"SetEnv", "A=x y", "B=\"q\"", "C=it's"});
  CHECK(splitWords("Include a\\ b \"c\\ d\" e\\f \"\"") == Words{"Include", "a b", "c\\ d", "e\\f", ""});
  CHECK(splitWords("Include a#b #c") == Words{"Include", "a#b"});
}

}  // namespace
}  // namespace cbs::identity
