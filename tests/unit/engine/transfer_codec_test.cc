#include "agentd/engine/transfer_codec.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

using namespace cbs;
using namespace cbs::engine;

namespace {

Expected<transfer::Entry> throughTheWire(const transfer::Entry& entry) {
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<schema::FileEntry>();
  encode(entry, builder);
  return decode(builder.asReader());
}

}  // namespace

TEST_CASE("an entry comes through the wire as it was", "[transfer]") {
  transfer::Entry entry{"a/b\n\xff", transfer::Kind::LINK, 12, 04755, -3, 7, "../x y", "a/c"};
  auto decoded = throughTheWire(entry);
  REQUIRE(decoded);
  CHECK(*decoded == entry);
}

TEST_CASE("the empty path, which is a root, comes through the wire", "[transfer]") {
  auto decoded = throughTheWire({"", transfer::Kind::DIRECTORY});
  REQUIRE(decoded);
  CHECK(decoded->path.empty());
}

TEST_CASE("an entry that leads out of its tree is refused", "[transfer]") {
  for (const char* path : {"..", "../x", "/etc/passwd", "a/../../b", "a//b", ".", "a/.", "a/"}) {
    INFO(path);
    auto decoded = throughTheWire({path});
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().reason == Reason::BAD_REQUEST);
    transfer::Entry second{"b"};
    second.sameAs = path;
    CHECK_FALSE(throughTheWire(second));
  }
}

TEST_CASE("the options of a transfer come through the wire as they were", "[transfer]") {
  const transfer::Options options{.recursive = true,
                                  .followLinks = true,
                                  .exclude = {"*.o", "\xfe/"},
                                  .preserve = true,
                                  .deleteExtras = true,
                                  .dryRun = true,
                                  .checksum = true,
                                  .resume = true,
                                  .verify = true,
                                  .fsync = true,
                                  .streams = 3,
                                  .tellAll = true,
                                  .limitRate = 1 << 20};
  for (const auto& each : {options, transfer::Options()}) {
    capnp::MallocMessageBuilder message;
    auto builder = message.initRoot<schema::TransferOptions>();
    encode(each, builder);
    auto decoded = decode(builder.asReader());
    REQUIRE(decoded);
    CHECK(*decoded == each);
  }
}

TEST_CASE("more patterns than anybody needs are refused, and none is left out", "[transfer]") {
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<schema::TransferOptions>();
  builder.initExclude(10'000);
  auto most = decode(builder.asReader());
  REQUIRE(most);
  CHECK(most->exclude.size() == 10'000);
  builder.initExclude(10'001);
  auto more = decode(builder.asReader());
  REQUIRE_FALSE(more);
  CHECK(more.error().reason == Reason::BAD_REQUEST);
}
