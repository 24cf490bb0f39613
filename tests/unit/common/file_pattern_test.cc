#include "common/file_pattern.h"

#include <catch2/catch_test_macros.hpp>

#include <clocale>

namespace cbs {
namespace {

bool matches(const std::string& pattern, const std::string& path) { return matchesFile(pattern, path, false); }

TEST_CASE("a pattern without a slash is about the last name") {
  REQUIRE(matches("*.o", "src/a.o"));
  REQUIRE(matches("*.o", "a.o"));
  REQUIRE(matches("a.o", "src/a.o"));
  REQUIRE_FALSE(matches("a.o", "src/aa.o"));
  REQUIRE_FALSE(matches("*.o", "src/a.oo"));
  REQUIRE_FALSE(matches("src", "src/a.o"));
  REQUIRE(matches("*", "src/.hidden"));
}

TEST_CASE("a pattern with a slash is about as many last names as it has") {
  REQUIRE(matches("src/*.o", "src/a.o"));
  REQUIRE(matches("src/*.o", "x/src/a.o"));
  REQUIRE_FALSE(matches("src/*.o", "xsrc/a.o"));
  REQUIRE_FALSE(matches("src/*.o", "src/b/a.o"));
}

TEST_CASE("a pattern with a slash at its start is about the whole path") {
  REQUIRE(matches("/src/a", "src/a"));
  REQUIRE_FALSE(matches("/src/a", "x/src/a"));
  REQUIRE_FALSE(matches("/a", "src/a"));
}

TEST_CASE("a pattern with a slash at its end matches folders only") {
  REQUIRE(matchesFile("build/", "x/build", true));
  REQUIRE_FALSE(matchesFile("build/", "x/build", false));
  REQUIRE_FALSE(matchesFile("/", "x", true));
}

TEST_CASE("one star, a question mark and brackets match no slash") {
  REQUIRE_FALSE(matches("/a*c", "a/c"));
  REQUIRE_FALSE(matches("/a?c", "a/c"));
  REQUIRE_FALSE(matches("/a[!x]c", "a/c"));
  REQUIRE_FALSE(matches("/a[/]c", "a/c"));
}

TEST_CASE("two stars match slashes, too") {
  REQUIRE(matches("/a/**/z", "a/b/c/z"));
  REQUIRE_FALSE(matches("/a/**/z", "a/z"));
  REQUIRE(matches("/a/**", "a/b/c"));
  REQUIRE(matches("a**z", "x/ab/cz"));
  REQUIRE(matches("**/z", "z"));
  REQUIRE(matches("**/z", "a/b/z"));
  REQUIRE_FALSE(matches("**/z", "a/bz"));
}

TEST_CASE("three stars at the end stand for a folder and all below it") {
  REQUIRE(matchesFile("a/***", "a", true));
  REQUIRE(matches("a/***", "a/b/c"));
  REQUIRE_FALSE(matches("a/***", "a"));
  REQUIRE_FALSE(matches("a/***", "b"));
}

TEST_CASE("brackets hold bytes, ranges and classes") {
  REQUIRE(matches("[a-c]x", "bx"));
  REQUIRE_FALSE(matches("[a-c]x", "dx"));
  REQUIRE(matches("[!a-c]", "d"));
  REQUIRE(matches("[^a-c]", "d"));
  REQUIRE_FALSE(matches("[!a-c]", "b"));
  REQUIRE(matches("[]x]", "]"));
  REQUIRE(matches("[x-]", "-"));
  REQUIRE(matches("[[:digit:][:upper:]]", "7"));
  REQUIRE(matches("[[:digit:][:upper:]]", "Q"));
  REQUIRE_FALSE(matches("[[:digit:]]", "q"));
  REQUIRE(matches("[\\]]", "]"));
}

TEST_CASE("what is no whole pattern is taken as it is") {
  REQUIRE(matches("a[b", "a[b"));
  REQUIRE(matches("a\\", "a\\"));
  REQUIRE(matches("\\*", "*"));
  REQUIRE_FALSE(matches("\\*", "a"));
  REQUIRE_FALSE(matches("", "a"));
}

TEST_CASE("the root that stands for contents is matched by no pattern") {
  for (const char* pattern : {"*", "**", "/**", "?", "/", "/*"}) REQUIRE_FALSE(matchesFile(pattern, "", true));
}

TEST_CASE("names are bytes, whatever the locale") {
  for (const char* locale : {"C", "C.UTF-8"}) {
    REQUIRE(std::setlocale(LC_ALL, locale) != nullptr);
    CHECK(matches("a*z", "a\xff\xc3z"));
    CHECK(matches("a?z", "a\xffz"));
    CHECK(matches("a??z", "a\xc3\xa9z"));
    CHECK(matches("a[!b]z", "a\x80z"));
    CHECK_FALSE(matches("[[:alpha:]]", "\xe9"));
  }
  std::setlocale(LC_ALL, "C");
}

// With a matcher that tries all ways to share the path out among the stars, this does not end.
TEST_CASE("many stars do not take many times as long") {
  std::string stars;
  std::string singles;
  for (int i = 0; i < 40; ++i) stars += "**a/", singles += "*a";
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "aa/";
  REQUIRE_FALSE(matches(stars + "b", path + "c"));
  REQUIRE(matches(stars + "c", path + "c"));
  REQUIRE_FALSE(matches(singles + "b", std::string(3000, 'a')));
}

TEST_CASE("one of many patterns is enough to exclude") {
  REQUIRE(excluded({"*.o", ".git/"}, "x/.git", true));
  REQUIRE(excluded({"*.o", ".git/"}, "x/a.o", false));
  REQUIRE_FALSE(excluded({"*.o", ".git/"}, "x/a.c", false));
  REQUIRE_FALSE(excluded({}, "x", false));
}

TEST_CASE("a pattern is told by its characters") {
  for (const char* pattern : {"*", "a?", "a[b"}) REQUIRE(isPattern(pattern));
  for (const char* name : {"", "a", "a]b", "a\\b"}) REQUIRE_FALSE(isPattern(name));
}

}  // namespace
}  // namespace cbs
