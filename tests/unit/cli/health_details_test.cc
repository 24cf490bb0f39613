// That what /api/health/details answers with is what packaging/health-details.schema.json says.
#include "common/json.h"
#include "schema/agent.capnp.h"
#include "tests/support/cli_process.h"
#include "tests/support/text.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

constexpr int kNoValidator = 77;

struct Details {
  Details() {
    details.setStatus(schema::Health::Status::DEGRADED);
    auto condition = details.initConditions(1)[0];
    condition.setCode("clockJumped");
    condition.setSeverity(schema::Health::Status::DEGRADED);
    condition.setText("the time of day was set");
    condition.setNext("look");
    condition.setSinceMs(1'700'000'000'000);
    fillPool();
    details.initQueue().initRejections(1)[0].setReason(schema::Reason::QUEUE_FULL);
    details.initProcess().setHeapBytes(12);
    details.initLimits().setProfile("default");
    fillBreaker();
    details.initDaemon().setVersion("1.0");
  }

  test::CliResult validate() const {
    test::CliProcess validator({.argv = {"/usr/bin/python3", CBS_SOURCE "/tests/support/check_json",
                                         CBS_SOURCE "/packaging/health-details.schema.json"}});
    return validator.finishWithInput(toJson<schema::HealthDetails>(details.asReader()));
  }

  void fillPool() {
    auto pool = details.initPool();
    pool.initFailures(1)[0].setReason(schema::Reason::NO_KEY);
    pool.initUploads().initBuckets(19);
    pool.initDownloads();
    pool.initListings();
    pool.initPhases().initConnect().setCount(3);
  }
  void fillBreaker() {
    auto breaker = details.initBreakers(1)[0];
    breaker.setHost("web1");
    breaker.setState("halfOpen");
    auto error = breaker.initLastError();
    error.setKind(schema::ErrorKind::UNREACHABLE);
    auto fact = error.initFacts(1)[0];
    fact.setName("port");
    fact.setValue("22");
  }

  capnp::MallocMessageBuilder message;
  schema::HealthDetails::Builder details = message.initRoot<schema::HealthDetails>();
};

TEST_CASE("health details are what their JSON Schema says") {
  Details details;
  auto result = details.validate();
  if (result.code == kNoValidator) SKIP("needs the package python3-jsonschema");
  CHECK(result.out == "");
  CHECK(result.err == "");
  CHECK(result.code == 0);
}

TEST_CASE("a condition of no known code, and a part that is missing, do not fit the JSON Schema of health details") {
  Details details;
  details.details.getConditions()[0].setCode("boredom");
  details.details.disownQueue();
  auto result = details.validate();
  if (result.code == kNoValidator) SKIP("needs the package python3-jsonschema");
  CHECK(result.code == 1);
  CHECK(test::contains(result.out, "/conditions/0/code: 'boredom' is not one of "));
  CHECK(test::contains(result.out, "'queue' is a required property"));
  CHECK(test::count(result.out, "\n") == 2);
}

}  // namespace
}  // namespace cbs::cli
