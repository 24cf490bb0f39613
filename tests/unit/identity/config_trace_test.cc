#include "agentd/identity/config_trace.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

using Kind = ConfigStep::Kind;
using Steps = std::vector<ConfigStep>;

TEST_CASE("the steps of ssh's reading are taken out of what it tells") {
  CHECK(parseConfigTrace("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\r\n"
                         "debug1: Reading configuration data /h/.ssh/config\r\n"
                         "debug3: /h/.ssh/config line 1: Including file /h/.ssh/a b depth 0\r\n"
                         "debug1: Reading configuration data /h/.ssh/a b\r\n"
                         "debug1: /h/.ssh/a b line 12: Applying options for web*\r\n"
                         "debug3: /h/.ssh/a b line 13: Including file /c depth 1 (parse only)\r\n"
                         "debug2: checking match for 'host web1' host web1 originally web1\r\n"
                         "debug3: /h/.ssh/config line 10: matched 'host \"web1\"' \r\n"
                         "debug2: match found\r\n"
                         "debug1: configuration requests final Match pass\r\n"
                         "debug1: re-parsing configuration\r\n"
                         "debug2: match not found\r\n") == Steps{{Kind::READ, "/h/.ssh/config"},
                                                                 {Kind::INCLUDE, "/h/.ssh/config", 1},
                                                                 {Kind::READ, "/h/.ssh/a b"},
                                                                 {Kind::HOST, "/h/.ssh/a b", 12},
                                                                 {Kind::INCLUDE, "/h/.ssh/a b", 13, false},
                                                                 {Kind::MATCH},
                                                                 {Kind::AGAIN},
                                                                 {Kind::MATCH, "", 0, false}});
}

TEST_CASE("what the programs of Match exec say is no step of ssh's") {
  CHECK(parseConfigTrace("match found\nre-parsing configuration\n/c line 1: Applying options for x\n"
                         "debug1: /c line x: Applying options for x\ndebug1: line 1: Applying options for x\n"
                         "noisedebug3: command returned status 0\n")
            .empty());
}

TEST_CASE("names that are no ASCII are as they were, and so are backslashes") {
  CHECK(parseConfigTrace("debug1: Reading configuration data /d\\303\\251/\\\\303\\9\n") ==
        Steps{{Kind::READ, "/dé/\\303\\9"}});
}

}  // namespace
}  // namespace cbs::identity
