#include "agentd/core/patterns.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace cbs::core {
namespace {

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

TEST_CASE("a list matches with any of its patterns, unless a negated one matches too") {
  CHECK(matchesPatternList("web1", "db*,web*"));
  CHECK_FALSE(matchesPatternList("web1", "web*,!web1"));
  CHECK_FALSE(matchesPatternList("web1", "!web1,*"));
  CHECK_FALSE(matchesPatternList("web2", "!web1"));
  CHECK_FALSE(matchesPatternList("web1", ""));
}

}  // namespace
}  // namespace cbs::core
