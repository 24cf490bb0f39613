#include "cli/output/progress.h"
#include "cli/output/table.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("columns line up, in characters") {
  Table table({{"NAME"}, {"SIZE", Table::Align::right}, {"NOTE"}});
  table.add({"a", "12", "x"});
  table.add({"µs", "3", ""});
  CHECK(table.text() ==
        "NAME  SIZE  NOTE\n"
        "a       12  x\n"
        "µs       3\n");
  Table bare({{""}, {""}});
  bare.add({"k", "v"});
  CHECK(bare.text() == "k  v\n");
}

TEST_CASE("a cell wider than its column may be moves its own line alone") {
  Table table({{.heading = "", .widest = 3}, {""}});
  table.add({"long µ", "a"});
  table.add({"µs", "b"});
  table.add({"µs3", "c"});
  CHECK(table.text() ==
        "long µ  a\n"
        "µs   b\n"
        "µs3  c\n");
}

TEST_CASE("a progress line fits its terminal") {
  Progress half{50 << 20, 100 << 20, 5000};
  CHECK(formatProgress("f.bin", half, 80) ==
        "f.bin   50 % [====================>                   ]    10.0 MiB/s  0:05");
  for (unsigned columns : {25u, 30u, 40u, 60u, 80u, 200u}) {
    CHECK(formatProgress("a/very/long/name/of/a/file.tar.gz", half, columns).size() <= columns);
  }
  CHECK(formatProgress("a/very/long/name.tgz", half, 40).substr(0, 3) == "...");
}

TEST_CASE("a progress line copes with unknown and odd figures") {
  CHECK(formatProgress("f", {0, 0, 0}, 40).find("  0 %") != std::string::npos);
  CHECK(formatProgress("f", {200, 100, 10}, 40).find("100 %") != std::string::npos);
  CHECK(formatProgress("f", {1, 1ull << 40, 3600000}, 60).find(":") != std::string::npos);
}

}  // namespace
}  // namespace cbs::cli
