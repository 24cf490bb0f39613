#include "common/entry_path.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs {
namespace {

TEST_CASE("a path of an entry leads nowhere but down") {
  for (const char* path : {"a", "a/b", "...", ".a/..b", "-", " ", "a\nb", "a\\b", "\xff/\x80"}) {
    INFO(path);
    REQUIRE(isEntryPath(path));
  }
  for (const char* path : {"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "../a", "a/../b", "a/.."}) {
    INFO(path);
    REQUIRE_FALSE(isEntryPath(path));
  }
  REQUIRE_FALSE(isEntryPath(std::string_view("a\0b", 3)));
  REQUIRE_FALSE(isEntryPath(std::string_view("a/\0", 3)));
}

TEST_CASE("a name of an entry has no slash") {
  REQUIRE(isEntryName("a"));
  REQUIRE_FALSE(isEntryName("a/b"));
  REQUIRE_FALSE(isEntryName(""));
  REQUIRE_FALSE(isEntryName(".."));
}

TEST_CASE("names are joined with one slash") {
  REQUIRE(joinPath("a/b", "c") == "a/b/c");
  REQUIRE(joinPath("/", "c") == "/c");
  REQUIRE(joinPath("", "c") == "c");
}

TEST_CASE("a path is cut at its last slash, or at its first") {
  REQUIRE(parentOf("a/b/c") == "a/b");
  REQUIRE(nameOf("a/b/c") == "c");
  REQUIRE(belowRoot("a/b/c") == "b/c");
  REQUIRE(parentOf("a") == "");
  REQUIRE(nameOf("a") == "a");
  REQUIRE(belowRoot("a") == "");
}

TEST_CASE("the parent of what is in the root folder is the root folder") {
  REQUIRE(parentOf("/a") == "/");
  REQUIRE(joinPath(parentOf("/a"), nameOf("/a")) == "/a");
}

}  // namespace
}  // namespace cbs
