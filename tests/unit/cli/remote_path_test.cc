#include "cli/transfer/remote_path.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

RemotePath parsed(std::string_view text) {
  auto result = parseRemotePath(text);
  INFO(text);
  REQUIRE(result.has_value());
  return *result;
}

TEST_CASE("the first colon parts target and path") {
  CHECK(parsed("web1:/etc/motd") == RemotePath{"web1", "/etc/motd"});
  CHECK(parsed("me@web1:a:b") == RemotePath{"me@web1", "a:b"});
  CHECK(parsed("web1:dir/[x]:y") == RemotePath{"web1", "dir/[x]:y"});
}

TEST_CASE("brackets keep a target's own colons") {
  CHECK(parsed("[::1]:f") == RemotePath{"[::1]", "f"});
  CHECK(parsed("me@[fe80::1%eth0]:/f") == RemotePath{"me@[fe80::1%eth0]", "/f"});
  CHECK(parsed("[web1:2222]:f") == RemotePath{"web1:2222", "f"});
  CHECK(parsed("[me@web1:2222]:f") == RemotePath{"me@web1:2222", "f"});
  CHECK(parsed("[me@[::1]:2222]:f") == RemotePath{"me@[::1]:2222", "f"});
}

TEST_CASE("paths start at the home directory") {
  CHECK(parsed("web1:").path == ".");
  CHECK(parsed("web1:~").path == ".");
  CHECK(parsed("web1:~/").path == ".");
  CHECK(parsed("web1:~/a b").path == "a b");
  CHECK(parsed("web1:~other/f").path == "~other/f");
}

TEST_CASE("what is local is not taken for remote") {
  for (const char* text : {"file", "./a:b", "/tmp/a:b", ":f", "[::1", "[]:f", "[::1]f", "", "dir/[x:y]:z"}) {
    INFO(text);
    CHECK_FALSE(parseRemotePath(text).has_value());
  }
  CHECK(isRemotePath("web1:f"));
  CHECK_FALSE(isRemotePath("./web1:f"));
}

}  // namespace
}  // namespace cbs::cli
