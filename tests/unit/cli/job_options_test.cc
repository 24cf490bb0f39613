#include "cli/jobs/job_filter.h"
#include "cli/jobs/submit_options.h"

#include <capnp/message.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using schema::JobState;

std::string joined(capnp::List<capnp::Text>::Reader words) {
  std::string text;
  for (auto word : words) text += std::string(word.cStr()) + ";";
  return text;
}

TEST_CASE("labels are names with or without values") {
  auto labels = readLabels({"team=web", "urgent", "expr=a=b", "empty="});
  REQUIRE(labels.has_value());
  CHECK((*labels)[0].value == "web");
  CHECK((*labels)[1].name == "urgent");
  CHECK((*labels)[1].value.empty());
  CHECK((*labels)[2].value == "a=b");
  CHECK((*labels)[3].name == "empty");
  CHECK(readLabels({"=x"}).error() == "'=x' is no label: its name is missing");
  CHECK_FALSE(readLabels({""}).has_value());
}

TEST_CASE("states are read between commas") {
  CHECK(readStates("").value().empty());
  CHECK(readStates("ended").value() == std::vector{JobState::ENDED});
  CHECK(readStates("queued,running").value() == std::vector{JobState::QUEUED, JobState::RUNNING});
  for (const char* wrong : {"done", "queued,", ",", "Queued", "queued running"}) {
    INFO(wrong);
    CHECK_FALSE(readStates(wrong).has_value());
  }
}

TEST_CASE("a job's request says what was asked for") {
  SubmitOptions options;
  options.exec = {.target = "me@web1", .command = {"ls", "-l"}, .retries = 3, .idempotent = true};
  options.exec.priority = schema::Priority::HIGH;
  options.name = "backup";
  options.labels = {{"team", "web"}};
  options.after = {"a", "b"};
  options.afterAny = {"c"};
  options.idempotencyKey = "key";
  options.deadlineMs = 1500;
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<schema::JobRequest>();
  describeJob(options, builder);
  auto request = builder.asReader();
  CHECK(kj::str(request.getExec().getTarget()) == "me@web1");
  CHECK(request.getExec().getSpec().getCommand().getArgv().size() == 2);
  CHECK(request.getExec().getRetries() == 3);
  CHECK(request.getExec().getIdempotent());
  CHECK(request.getExec().getPriority() == schema::Priority::HIGH);
  CHECK_FALSE(request.getExec().getSpec().getForwardStdin());
  CHECK_FALSE(request.getExec().getSpec().hasTerminal());
  CHECK(request.getExec().getCaller().getEnvironment().size() > 0);
  CHECK_FALSE(request.getExec().getCaller().hasPrompter());
  CHECK(kj::str(request.getName()) == "backup");
  CHECK(kj::str(request.getLabels()[0].getName(), "=", request.getLabels()[0].getValue()) == "team=web");
  CHECK(joined(request.getAfter()) == "a;b;");
  CHECK(joined(request.getAfterAny()) == "c;");
  CHECK(kj::str(request.getIdempotencyKey()) == "key");
  CHECK(request.getDeadlineMs() == 1500);
}

TEST_CASE("a filter says which jobs") {
  JobFilterOptions options;
  options.jobs = {"backup"};
  options.states = {JobState::ENDED};
  options.labels = {{"team", ""}};
  options.target = "web1";
  options.limit = 7;
  options.failed = true;
  capnp::MallocMessageBuilder message;
  auto filter = message.initRoot<schema::JobFilter>();
  describeFilter(options, filter);
  CHECK(joined(filter.asReader().getJobs()) == "backup;");
  CHECK(filter.getStates()[0] == JobState::ENDED);
  CHECK(kj::str(filter.asReader().getLabels()[0].getName()) == "team");
  CHECK(kj::str(filter.asReader().getTarget()) == "web1");
  CHECK(filter.getLimit() == 7);
  CHECK(filter.getFailed());
}

}  // namespace
}  // namespace cbs::cli
