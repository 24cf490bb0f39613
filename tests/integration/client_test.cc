// The client library against a real daemon and a real sshd.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <cbsession/client.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

using cbsession::ErrorKind;
using cbsession::State;

cbsession::Client clientOf(const Lab& lab) { return cbsession::Client({.socket = lab.agent.socket()}); }

// Runs the example, and returns what it printed.
CliResult submitThousand(const Lab& lab) {
  return CliProcess({.argv = {CBS_SUBMIT_THOUSAND, "web1"}, .environment = lab.agent.environment()})
      .finish(std::chrono::seconds(120));
}

TEST_CASE("a program runs commands side by side, with their input, output and status") {
  Lab lab;
  auto client = clientOf(lab);
  std::vector<std::future<cbsession::Result>> results;
  results.reserve(50);
  for (int i = 0; i < 50; ++i) {
    results.push_back(client.exec({.target = "web1", .line = "cat; echo oops >&2; exit " + std::to_string(i)},
                                  {.input = "line " + std::to_string(i)}));
  }
  for (int i = 0; i < 50; ++i) {
    auto result = results[static_cast<size_t>(i)].get();
    CHECK(result.state == State::exited);
    CHECK(result.exitCode == i);
    CHECK(result.out == "line " + std::to_string(i));
    CHECK(result.err == "oops\n");
    CHECK(result.outBytes == result.out.size());
  }
}

TEST_CASE("a program is told why a command was not sent, and gets argv, variables and folder through") {
  Lab lab;
  auto client = clientOf(lab);
  auto none = client.exec({.target = "web 1", .line = "true"}).get();
  CHECK(none.state == State::notSent);
  CHECK(none.failure.kind == ErrorKind::usage);
  auto result = client.exec({.target = "web1",
                             .argv = {"sh", "-c", "echo $COLOR in $PWD"},
                             .environment = {{"COLOR", "light blue"}},
                             .workingDirectory = "/var/tmp"});
  CHECK(result.get().out == "light blue in /var/tmp\n");
}

TEST_CASE("a program's command ends with the program's client") {
  Lab lab;
  auto client = std::make_unique<cbsession::Client>(clientOf(lab));
  std::promise<void> ready;
  auto file = lab.sshd.remoteFolder() + "/ended";
  auto line = "trap 'echo x >" + file + "; exit' TERM; echo ready; while :; do sleep 0.05; done";
  auto running = client->exec({.target = "web1", .line = line},
                              {.onOutput = [&](cbsession::Stream, std::string_view) { ready.set_value(); }});
  ready.get_future().wait();
  client.reset();
  CHECK_THROWS_AS(running.get(), cbsession::Error);
  while (readFile(file).empty()) {
  }
}

// A daemon without jobs refuses these.

TEST_CASE("a job is submitted, waited for, read and listed", "[jobs]") {
  Lab lab;
  auto client = clientOf(lab);
  auto id =
      client.submit({.command = {.target = "web1", .line = "echo out; echo err >&2; exit 3"}, .name = "mine"}).get();
  auto job = client.wait("mine").get();
  CHECK(job.id == id);
  CHECK(job.state == cbsession::JobState::ended);
  CHECK(job.outcome.exitCode == 3);
  auto log = client.log(id).get();
  CHECK(log.out == "out\n");
  CHECK(log.err == "err\n");
  CHECK(log.complete);
  auto list = client.jobs({.jobs = {id}, .failed = true}).get();
  REQUIRE(list.jobs.size() == 1);
  CHECK(list.jobs[0].name == "mine");
  CHECK(client.cancel(id).get() == cbsession::Cancelled::hadEnded);
}

TEST_CASE("a job that runs is cancelled, and what waits for it never runs", "[jobs]") {
  Lab lab;
  auto client = clientOf(lab);
  auto first = client.submit({.command = {.target = "web1", .line = "sleep 600"}}).get();
  auto second = client.submit({.command = {.target = "web1", .line = "true"}, .after = {first}}).get();
  while (client.jobs({.jobs = {first}, .states = {cbsession::JobState::running}}).get().jobs.empty()) {
  }
  CHECK(client.cancel(first).get() == cbsession::Cancelled::signalled);
  auto ended = client.waitAll({first, second}).get();
  CHECK_FALSE(ended[0].outcome.succeeded());
  CHECK(ended[1].outcome.state == State::notSent);
  CHECK(ended[1].outcome.failure.reason == "dependencyFailed");
}

TEST_CASE("a job that is not there is an Error that names it", "[jobs]") {
  Lab lab;
  auto client = clientOf(lab);
  try {
    client.wait("nobody").get();
    FAIL("it did not fail");
  } catch (const cbsession::Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.reason() == "jobNotFound");
    CHECK(error.fact("job") == "nobody");
  }
}

TEST_CASE("a wait goes on over a restart of the daemon", "[jobs]") {
  Lab lab;
  auto client = clientOf(lab);
  auto file = lab.sshd.remoteFolder() + "/go";
  // The second job waits in the queue until the first has ended, which waits for a file.
  auto first =
      client.submit({.command = {.target = "web1", .line = "while ! test -e " + file + "; do sleep 0.05; done"}});
  auto second = client.submit({.command = {.target = "web1", .line = "exit 4"}, .afterAny = {first.get()}}).get();
  auto waiting = client.wait(second);
  client.jobs().get();  // asked after the wait, on the same connection
  lab.agent.kill();
  lab.agent.start();
  runProgram({"touch", file});
  CHECK(waiting.get().outcome.exitCode == 4);
}

TEST_CASE("the example submits a thousand jobs and counts them", "[jobs]") {
  Lab lab({}, {.ssh = "max_connections_per_host = 20\n"});
  auto result = submitThousand(lab);
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(contains(result.out, "500 exited 0\n"));
  CHECK(contains(result.out, "500 exited 1\n"));
  CHECK(contains(result.out, " jobs per second\n"));
}

}  // namespace
}  // namespace cbs::test
