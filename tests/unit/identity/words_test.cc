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

TEST_CASE("patterns match as ssh's do") {
  CHECK(matchesPattern("web1", "web?"));
  CHECK(matchesPattern("web1.example.org", "*.example.*"));
  CHECK(matchesPattern("", "*"));
  CHECK(matchesPattern("aab", "*ab"));
  CHECK(matchesPattern("abcabc", "a*c"));
  CHECK_FALSE(matchesPattern("web", "web?"));
  CHECK_FALSE(matchesPattern("web1", "web"));
  CHECK_FALSE(matchesPattern("", "?"));
}

TEST_CASE("a pattern of many stars takes no exponential time") {
  CHECK_FALSE(matchesPattern(std::string(5'000, 'a'), "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}

}  // namespace
}  // namespace cbs::identity
