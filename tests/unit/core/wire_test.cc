#include "agentd/core/wire.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

TEST_CASE("what the wire writer writes the wire reader reads") {
  WireWriter writer;
  writer.byte(7).uint32(0x01020304).string("ssh-ed25519").string("");
  REQUIRE(writer.bytes().substr(0, 9) == std::string("\x07\x01\x02\x03\x04\x00\x00\x00\x0b", 9));
  WireReader reader(writer.bytes());
  REQUIRE(reader.byte() == 7);
  REQUIRE(reader.uint32() == 0x01020304);
  REQUIRE(reader.string() == "ssh-ed25519");
  REQUIRE(reader.string().empty());
  REQUIRE(reader.ok());
  REQUIRE(reader.atEnd());
}

TEST_CASE("a wire reader past the end reads nothing and says so") {
  WireReader shortString(
      std::string_view("\x00\x00\x00\x05"
                       "abc",
                       7));
  REQUIRE(shortString.string().empty());
  REQUIRE_FALSE(shortString.ok());
  WireReader huge(std::string_view("\xff\xff\xff\xff", 4));
  REQUIRE(huge.string().empty());
  REQUIRE_FALSE(huge.ok());
  WireReader none("");
  REQUIRE(none.byte() == 0);
  REQUIRE(none.uint32() == 0);
  REQUIRE_FALSE(none.ok());
}

}  // namespace
}  // namespace cbs::core
