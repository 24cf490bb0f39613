#include "common/json.h"
#include "schema/cli.capnp.h"
#include "tests/support/text.h"

#include <capnp/message.h>

#include <catch2/catch_test_macros.hpp>

#include "schema/agent.capnp.h"

namespace cbs::cli {
namespace {

using test::contains;

TEST_CASE("64-bit integers are JSON numbers, exact up to 2^53") {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::AgentReport>();
  report.setRunning(true);
  report.setPid(12);
  report.setUptimeMs(1769212345678);
  CHECK(toJson<schema::AgentReport>(report) == "{\"running\":true,\"pid\":12,\"uptimeMs\":1769212345678}\n");
  report.setUptimeMs((1ull << 53) - 1);
  CHECK(toJson<schema::AgentReport>(report).find("\"uptimeMs\":9007199254740991}") != std::string::npos);
}

TEST_CASE("an outcome is flat: its state, and what belongs to that state") {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<schema::ExecResult>();
  result.setTarget("web1");
  result.getOutcome().initExited().setExitCode(3);
  auto json = toJson<schema::ExecResult>(result);
  INFO(json);
  CHECK(json.find("\"state\":\"exited\",\"exitCode\":3") != std::string::npos);
  result.getOutcome().setUnknown();
  json = toJson<schema::ExecResult>(result);
  CHECK(json.find("\"state\":\"unknown\"") != std::string::npos);
  CHECK(json.find("exitCode") == std::string::npos);
}

TEST_CASE("facts are an object, enums have names, text is escaped") {
  capnp::MallocMessageBuilder message;
  auto failure = message.initRoot<schema::FailureReport>().initError();
  failure.setKind(schema::ErrorKind::HOST_KEY_REFUSED);
  failure.setReason(schema::Reason::HOST_KEY_CHANGED);
  failure.setMessage("a \"quote\", a\nline and \x01");
  auto facts = failure.initFacts(1);
  facts[0].setName("fingerprint");
  facts[0].setValue("SHA256:abc");
  auto json = toJson<schema::FailureReport>(message.getRoot<schema::FailureReport>());
  CHECK(json ==
        "{\"error\":{\"kind\":\"hostKeyRefused\",\"reason\":\"hostKeyChanged\","
        "\"message\":\"a \\\"quote\\\", a\\nline and \\u0001\",\"facts\":{\"fingerprint\":\"SHA256:abc\"}}}\n");
}

TEST_CASE("bytes that are no UTF-8 do not get into JSON, wherever they are") {
  capnp::MallocMessageBuilder message;
  auto failure = message.initRoot<schema::FailureReport>().initError();
  failure.setMessage("caf\xc3\xa9 \xff\xe2\x82 \xed\xa0\x80 \xc0\xaf");
  auto fact = failure.initFacts(1)[0];
  fact.setName("banner");
  fact.setValue("\xe9t\xe9");
  auto json = toJson<schema::FailureReport>(message.getRoot<schema::FailureReport>());
  const std::string odd = "\xef\xbf\xbd";
  CHECK(
      contains(json, "\"message\":\"caf\xc3\xa9 " + odd + odd + odd + " " + odd + odd + odd + " " + odd + odd + "\""));
  CHECK(contains(json, "\"banner\":\"" + odd + "t" + odd + "\""));
}

}  // namespace
}  // namespace cbs::cli
