#include "agentd/core/target.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

std::string faultOf(std::string_view text) {
  auto target = parseTarget(text);
  if (target) return "none";
  CHECK(target.error().kind == ErrorKind::USAGE);
  CHECK(target.error().reason == Reason::BAD_TARGET);
  return target.error().detail;
}

TEST_CASE("a target is a host with or without a user and a port") {
  CHECK(*parseTarget("web1") == Target{"web1", {}, {}});
  CHECK(*parseTarget("deploy@web1") == Target{"web1", "deploy", {}});
  CHECK(*parseTarget("web1:2222") == Target{"web1", {}, 2222});
  CHECK(*parseTarget("deploy@web1.example.org:65535") == Target{"web1.example.org", "deploy", 65535});
  CHECK(*parseTarget("10.0.0.1:22") == Target{"10.0.0.1", {}, 22});
}

TEST_CASE("an IPv6 address needs brackets only before a port") {
  CHECK(*parseTarget("::1") == Target{"::1", {}, {}});
  CHECK(*parseTarget("fe80::1%eth0") == Target{"fe80::1%eth0", {}, {}});
  CHECK(*parseTarget("[::1]") == Target{"::1", {}, {}});
  CHECK(*parseTarget("root@[2001:db8::2]:2222") == Target{"2001:db8::2", "root", 2222});
}

TEST_CASE("a target can be a URL") {
  CHECK(*parseTarget("ssh://web1") == Target{"web1", {}, {}});
  CHECK(*parseTarget("ssh://deploy@web1:2222/") == Target{"web1", "deploy", 2222});
}

TEST_CASE("a user name may have an @ and what directory services put there") {
  CHECK(*parseTarget("me@corp.example@web1") == Target{"web1", "me@corp.example", {}});
  CHECK(*parseTarget("corp\\me@web1") == Target{"web1", "corp\\me", {}});
}

TEST_CASE("what ssh would take for an option is refused") {
  CHECK(faultOf("-oProxyCommand=evil") == "target \"-oProxyCommand=evil\": a host name cannot begin with \"-\"");
  CHECK(faultOf("user@-oProxyCommand=evil") ==
        "target \"user@-oProxyCommand=evil\": a host name cannot begin with \"-\"");
  CHECK(faultOf("-l@web1") == "target \"-l@web1\": a user name cannot begin with \"-\"");
  CHECK(faultOf("[-v]:22") == "target \"[-v]:22\": a host name cannot begin with \"-\"");
}

TEST_CASE("what a shell would not take for a word is refused") {
  for (auto* text : {"a b", "a\nb", "a\x01", "a$(id)", "a;b", "a`b`", "a|b", "a&b", "a'b", "a\"b", "a\\b", "a>b", "a/b",
                     "u;x@a", "u v@a", "u\\@a"}) {
    INFO(text);
    CHECK(faultOf(text) != "none");
  }
  CHECK(faultOf(std::string_view("a\0b", 3)) != "none");
}

TEST_CASE("a missing part is named") {
  CHECK(faultOf("") == "target \"\": it is empty");
  CHECK(faultOf("@web1") == "target \"@web1\": the user name is missing");
  CHECK(faultOf("user@") == "target \"user@\": the host name is missing");
  CHECK(faultOf(":22") == "target \":22\": the host name is missing");
  CHECK(faultOf("[]:22") == "target \"[]:22\": the host name is missing");
  CHECK(faultOf("[::1") == "target \"[::1\": the host name is missing");
  CHECK(faultOf("ssh://") == "target \"ssh://\": the host name is missing");
}

TEST_CASE("a port is a number from 1 to 65535") {
  for (auto* text : {"a:", "a:0", "a:65536", "a:x", "a:22x", "a:-1", "a:+22", "a: 22", "[::1]:", "[::1]22",
                     "a:99999999999999999999"}) {
    INFO(text);
    CHECK(faultOf(text) != "none");
  }
}

TEST_CASE("names of several colons that are no address are refused") { CHECK(faultOf("web:22:33") != "none"); }

TEST_CASE("an overlong target is refused and not repeated whole") {
  CHECK(faultOf(std::string(10'000, 'a')).size() < 200);
  CHECK(faultOf(std::string(300, 'u') + "@a").size() < 200);
}

}  // namespace
}  // namespace cbs::core
