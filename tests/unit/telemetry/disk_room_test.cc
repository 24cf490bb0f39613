#include "agentd/telemetry/disk_room.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

TEST_CASE("a folder's disk has a size and some room") {
  auto room = roomAt("/");
  CHECK(room.sizeBytes > 0);
  CHECK(room.freeBytes <= room.sizeBytes);
}

TEST_CASE("of a folder that is not there yet, the disk on which it would be is told") {
  CHECK(roomAt("/no/such/folder").sizeBytes == roomAt("/").sizeBytes);
}

TEST_CASE("nothing is known of no folder, and of one that cannot be") {
  CHECK(roomAt("").sizeBytes == 0);
  CHECK(roomAt("relative-and-not-there").sizeBytes == 0);
  CHECK(roomAt("/etc/passwd/folder").sizeBytes == 0);
}

}  // namespace
}  // namespace cbs::telemetry
