#include "cli/output/cancel_text.h"
#include "cli/output/job_report.h"
#include "cli/output/job_table.h"
#include "cli/output/printable.h"
#include "common/error.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

constexpr uint64_t kNow = 1'000'000;

struct Jobs {
  explicit Jobs(unsigned count) : list(message.initRoot<schema::Agent::JobsResults>().initJobs(count)) {
    for (unsigned i = 0; i < count; ++i) {
      list[i].setId(("job" + std::to_string(i)).c_str());
      list[i].setTarget("web1");
      list[i].setCommand("true");
      list[i].setSubmittedMs(kNow - 5000);
    }
  }
  std::string state(unsigned i = 0) { return jobStateText(list[i].asReader(), kNow); }
  std::string table(size_t columns = 0) { return jobTable(list.asReader(), kNow, columns); }

  capnp::MallocMessageBuilder message;
  capnp::List<schema::JobInfo>::Builder list;
};

TEST_CASE("a job that has not ended says what it waits for, or for how long it runs") {
  Jobs jobs(1);
  auto job = jobs.list[0];
  CHECK(jobs.state() == "queued");
  job.setState(schema::JobState::WAITING);
  CHECK(jobs.state() == "waiting");
  job.setNotBeforeMs(kNow + 3000);
  CHECK(jobs.state() == "again in 3.0 s");
  auto after = job.initAfter(2);
  after.set(0, "01k\x1b");
  after.set(1, "01m");
  CHECK(jobs.state() == "after 01k? and 1 more");
  job.setState(schema::JobState::RUNNING);
  job.setStartedMs(kNow - 12'000);
  CHECK(jobs.state() == "running 12.0 s");
  job.setStartedMs(kNow + 1);  // the clock was set back
  CHECK(jobs.state() == "running 0 ms");
  job.setState(static_cast<schema::JobState>(99));
  CHECK(jobs.state() == "?");
}

TEST_CASE("a job that has ended says how in a word or two") {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  auto text = [&](ErrorKind kind = ErrorKind::NONE) {
    outcome.initError().setKind(kind);
    return outcomeText(outcome.asReader());
  };
  CHECK(text() == "not sent");
  CHECK(text(ErrorKind::UNREACHABLE) == "unreachable");
  CHECK(text(ErrorKind::AUTH_REFUSED) == "login refused");
  CHECK(text(ErrorKind::CANCELLED) == "cancelled");
  CHECK(text(ErrorKind::INTERNAL) == "internal");
  outcome.getState().setExited(3);
  CHECK(text() == "exited 3");
  outcome.getState().initSignalled().setName("TERM\n\x1b[2J");
  CHECK(text() == "killed TERM ?[2J");
  CHECK(text(ErrorKind::TIMED_OUT) == "timed out");
  outcome.getState().setUnknown();
  CHECK(text() == "unknown");
  CHECK(text(ErrorKind::LOST) == "unknown");
  CHECK(text(ErrorKind::UNREACHABLE) == "unknown");
  CHECK(text(ErrorKind::CANCELLED) == "cancelled");
}

TEST_CASE("the table has a column of names if any job has one") {
  Jobs jobs(2);
  CHECK(jobs.table() ==
        "ID    TARGET  STATE     AGE  COMMAND\n"
        "job0  web1    queued  5.0 s  true\n"
        "job1  web1    queued  5.0 s  true\n");
  jobs.list[1].setName("backup");
  CHECK(jobs.table() ==
        "ID    NAME    TARGET  STATE     AGE  COMMAND\n"
        "job0          web1    queued  5.0 s  true\n"
        "job1  backup  web1    queued  5.0 s  true\n");
  CHECK(Jobs(0).table() == "no jobs\n");
}

TEST_CASE("commands are cut to the width, between characters") {
  Jobs jobs(1);
  jobs.list[0].setCommand("éé\x1b[31m\n\xff\xc2\x9bx a rather long command");
  CHECK(jobs.table() ==
        "ID    TARGET  STATE     AGE  COMMAND\n"
        "job0  web1    queued  5.0 s  éé?[31m ??x a rather long command\n");
  CHECK(jobs.table(34) ==
        "ID    TARGET  STATE     AGE  CO...\n"
        "job0  web1    queued  5.0 s  éé...\n");
  for (size_t columns : {1u, 2u, 3u, 4u}) CHECK(jobs.table(columns).size() == 2 * (columns + 1));
}

TEST_CASE("what is printable stays as it is, and nothing else") {
  CHECK(printable("plain é 漢 🙂") == "plain é 漢 🙂");
  CHECK(printable("a\tb\nc\r\x7f") == "a b c??");
  CHECK(printable("\xff\x80 \xc3") == "?? ?");
  CHECK(printable("\xc2\x9b"
                  "31m") == "?31m");
  CHECK(printable("\xed\xa0\x80").find('\xed') == std::string::npos);
  CHECK(printable("").empty());
  CHECK(shortened("éééé", 4) == "éééé");
  CHECK(shortened("ééééé", 4) == "é...");
}

TEST_CASE("JSON has all of a job, its labels as an object, and its outcome when it has ended") {
  Jobs jobs(1);
  auto job = jobs.list[0];
  auto label = job.initLabels(1)[0];
  label.setName("team");
  label.setValue("web");
  job.setCommand("\xff");
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::JobReport>();
  auto json = [&]() {
    describeJobReport(job.asReader(), report);
    return toJson<schema::JobReport>(report);
  };
  auto text = json();
  INFO(text);
  CHECK(text.find("\"labels\":{\"team\":\"web\"}") != std::string::npos);
  CHECK(text.find("\"command\":\"/w==\",\"commandBase64\":true") != std::string::npos);
  CHECK(text.find("\"state\":\"queued\"") != std::string::npos);
  CHECK(text.find("outcome") == std::string::npos);
  job.setState(schema::JobState::ENDED);
  job.initOutcome().initError().setKind(ErrorKind::UNREACHABLE);
  job.getOutcome().getError().setReason(Reason::CONNECTION_REFUSED);
  text = json();
  CHECK(text.find("\"outcome\":{\"status\":241,\"state\":\"notSent\",\"error\":{\"kind\":\"unreachable\"") !=
        std::string::npos);
}

TEST_CASE("a cancelled job tells what was done to it, and if it had ended, how") {
  Jobs known(3);
  known.list[2].setState(schema::JobState::ENDED);
  known.list[2].initOutcome().getState().setExited(0);
  known.list[1].initOutcome().getState().initSignalled().setName("TERM");
  capnp::MallocMessageBuilder message;
  auto list = message.initRoot<schema::Agent::CancelJobsResults>().initResults(3);
  using What = schema::Cancelled::What;
  const What whats[] = {What::REMOVED, What::SIGNALLED, What::HAD_ENDED};
  for (unsigned i = 0; i < 3; ++i) {
    list[i].setId(known.list[i].getId());
    list[i].setWhat(whats[i]);
  }
  CHECK(cancelText(list.asReader(), known.list.asReader(), false) ==
        "job0: removed: it waited\njob1: told to end\njob2: had ended (exited 0)\n");
  CHECK(cancelText(list.asReader(), known.list.asReader(), true)
            .find("job1: was told to end, and has ended (killed TERM)") != std::string::npos);
  auto json = cancelJson(list.asReader(), known.list.asReader());
  INFO(json);
  CHECK(json.find("{\"cancelled\":[{\"id\":\"job0\",\"what\":\"removed\",\"job\":{\"id\":\"job0\"") == 0);
}

}  // namespace
}  // namespace cbs::cli
