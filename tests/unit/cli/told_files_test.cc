#include "cli/transfer/told_files.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("a large file that waits is not forgotten for small ones that go by, nor the other way round") {
  for (bool large : {true, false}) {
    ToldFiles files;
    uint64_t waiting = files.add({nullptr, "waiting", ToldFiles::kSmallFile + (large ? 1 : 0)});
    CHECK(waiting != 0);
    for (size_t i = 0; i < ToldFiles::kMost + 1; ++i) files.add({nullptr, "x", large ? 0 : ToldFiles::kSmallFile + 1});
    const ToldFile* found = files.find(waiting);
    REQUIRE(found != nullptr);
    CHECK(found->name == "waiting");
  }
}

TEST_CASE("of each sort the last ones are remembered, and no number is anything else") {
  ToldFiles files;
  uint64_t first = files.add({nullptr, "first", 0});
  for (size_t i = 1; i < ToldFiles::kMost; ++i) files.add({nullptr, "x", 0});
  CHECK(files.find(first) != nullptr);
  uint64_t last = files.add({nullptr, "last", 0});
  CHECK(files.find(first) == nullptr);
  REQUIRE(files.find(last) != nullptr);
  CHECK(files.find(last)->name == "last");
  for (uint64_t odd : {uint64_t{0}, uint64_t{1}, last + 1, last + 2, UINT64_MAX}) CHECK(files.find(odd) == nullptr);
}

}  // namespace
}  // namespace cbs::cli
