#include "cli/call_failure.h"

#include <kj/debug.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("a connection that breaks off is told in our words, also if the hello was not answered") {
  auto broken = KJ_EXCEPTION(DISCONNECTED, "::recvmsg(fd): Connection reset by peer");
  Expected<DaemonInfo> greeted = DaemonInfo{"9.9.9", 4711};
  Expected<DaemonInfo> cutOff = fail(ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "::recvmsg(fd): reset");
  for (const auto& greeting : {greeted, cutOff}) {
    auto error = callFailure(greeting, broken);
    CHECK(error.kind == ErrorKind::AGENT_UNREACHABLE);
    CHECK(error.detail == "it ended the connection");
  }
}

TEST_CASE("a daemon that refuses us, or does not say hello in time, is told as such") {
  Expected<DaemonInfo> refused = fail(ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, "no");
  CHECK(callFailure(refused, KJ_EXCEPTION(DISCONNECTED, "gone")).reason == Reason::VERSION_MISMATCH);
  Expected<DaemonInfo> late = fail(ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it did not answer");
  CHECK(callFailure(late, KJ_EXCEPTION(FAILED, "what")).detail == "it did not answer");
}

}  // namespace
}  // namespace cbs::cli
