#include "agentd/transfer/entry.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::transfer {
namespace {

TEST_CASE("a single root has the destination as its own place, whatever its name was") {
  const Roots tree{1, {.path = "tree"}};
  CHECK(placeOf("tree", "/there/renamed", tree) == "/there/renamed");
  CHECK(placeOf("tree/a/b", "/there/renamed", tree) == "/there/renamed/a/b");
}

TEST_CASE("of several roots, or of a folder's contents, all are in the destination") {
  CHECK(placeOf("tree/a", "/there", {2, {.path = "tree"}}) == "/there/tree/a");
  CHECK(placeOf("a/b", "/there", {1, {.path = ""}}) == "/there/a/b");
  CHECK(placeOf("", "/there", {1, {.path = ""}}) == "/there");
  CHECK(placeOf("a", "/", {1, {.path = ""}}) == "/a");
}

}  // namespace
}  // namespace cbs::transfer
