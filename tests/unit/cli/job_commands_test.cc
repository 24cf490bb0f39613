#include "tests/unit/cli/job_program.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace cbs::cli {
namespace {

using schema::JobState;

TEST_CASE("wait exits as the command did, and of several as the highest") {
  auto ran = Program().run({"wait", "one"});
  CHECK(ran.code == 3);
  CHECK(ran.out.empty());
  CHECK(ran.err.empty());
  ran = Program().run({"wait", "one", "two"});
  CHECK(ran.code == 241);
  CHECK(ran.err ==
        "cbsession: web1: job two: connection refused. Next: check that an SSH server runs there, and its port: ssh -v "
        "web1\n");
}

TEST_CASE("the order in which jobs are waited for does not matter") {
  CHECK(Program().run({"wait", "two", "one"}).code == 241);
}

TEST_CASE("wait --any prints the id of the first that ended, and exits as that one") {
  auto ran = Program().run({"wait", "--any", "one", "two"});
  CHECK(ran.code == 241);
  CHECK(ran.out == "two\n");
}

TEST_CASE("wait --output json shows the jobs as jobs does") {
  auto ran = Program().run({"wait", "--output", "json", "one"});
  CHECK(ran.code == 3);
  CHECK(ran.out.find("{\"jobs\":[{\"id\":\"one\"") == 0);
  CHECK(ran.out.find("\"status\":3,\"state\":\"exited\",\"exitCode\":3") != std::string::npos);
}

TEST_CASE("wait goes on when the daemon has gone and come back") {
  Program program;
  program.running = true;
  program.onPoll = [&](auto) {
    program.running = false;
    program.daemon.dropSoon();
    return kj::Promise<void>(kj::NEVER_DONE);
  };
  auto ran = program.run({"wait", "one"});
  CHECK(ran.code == 3);
  CHECK(ran.err.empty());
}

TEST_CASE("wait gives up after its timeout, and the job goes on") {
  Program program;
  program.running = true;
  auto ran = program.run({"wait", "one", "--timeout", "20ms"});
  CHECK(ran.code == 245);
  CHECK(ran.err == "cbsession: timed out (after 20 ms of waiting; what runs goes on). Next: raise --timeout\n");
}

TEST_CASE("Ctrl-C ends the wait and says how to end the job") {
  Program program;
  program.running = true;
  program.onPoll = [](auto) {
    kill(getpid(), SIGINT);
    return kj::Promise<void>(kj::NEVER_DONE);
  };
  auto ran = program.run({"wait", "one"});
  CHECK(ran.code == 130);
  CHECK(ran.err == "cbsession: the job goes on. Next: cbsession cancel one\n");
}

TEST_CASE("wait, logs and cancel of what is not there are wrong usage") {
  for (const char* command : {"wait", "logs", "cancel"}) {
    Program program;
    program.daemon.script.awaitJobs = [](auto, Agent::AwaitJobsResults::Builder to) {
      encode(noSuchJob("x"), to.initError());
      return kj::Promise<void>(kj::READY_NOW);
    };
    program.daemon.script.cancelJobs = [](auto, Agent::CancelJobsResults::Builder to) {
      encode(noSuchJob("x"), to.initError());
      return kj::Promise<void>(kj::READY_NOW);
    };
    auto ran = program.run({command, "x"});
    CHECK(ran.code == 2);
    CHECK(ran.err == "cbsession: no such job: x. Next: cbsession jobs\n");
    CHECK(Program().run({command}).code == 2);
  }
}

// A program whose job has printed something.
struct Printed : Program {
  Printed() {
    daemon.script.readLog = [](Agent::ReadLogParams::Reader, Agent::ReadLogResults::Builder to) {
      auto log = to.initLog();
      auto chunks = log.initChunks(2);
      chunks[0].setBytes(kj::StringPtr("out\n").asBytes());
      chunks[1].setStream(schema::OutputStream::STDERR);
      chunks[1].setBytes(kj::StringPtr("e\xff\n").asBytes());
      log.setNext(7);
      log.setAttempt(2);
      log.setComplete(true);
      log.setDroppedBytes(2048);
      return kj::Promise<void>(kj::READY_NOW);
    };
  }
};

TEST_CASE("logs gives each stream to ours, and says what is missing") {
  auto ran = Printed().run({"logs", "one"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "out\n");
  CHECK(ran.err ==
        "e\xff\ncbsession: job one: 2.0 KiB of its output were not kept, as there was too much of it or no room\n");
  CHECK(Printed().run({"logs", "--stderr", "-t", "one"}).out.empty());
  CHECK(Printed().run({"logs", "-f", "--stdout", "-t", "one"}).out == "1970-01-01T00:00:00.000Z out\n");
}

TEST_CASE("logs --output json has both streams") {
  auto ran = Printed().run({"logs", "--output", "json", "one"});
  CHECK(ran.code == 0);
  CHECK(ran.out.find("{\"job\":\"one\",\"attempt\":2,\"complete\":true,\"stdout\":\"out\\n\",\"stderr\":\"Zf8K\","
                     "\"stdoutBase64\":false,\"stderrBase64\":true") == 0);
}

// A program whose daemon has many jobs, the youngest `0003`, and gives two at a time.
struct Many : Program {
  Many() {
    daemon.script.jobs = [this](Agent::JobsParams::Reader asked, Agent::JobsResults::Builder to) {
      auto filter = asked.getFilter();
      auto before = filter.getBefore().size() > 0 ? std::stoul(filter.getBefore().cStr()) : 4;
      auto room = filter.getLimit() == 0 ? 2 : std::min<size_t>(filter.getLimit(), 2);
      questions.push_back(std::to_string(filter.getLimit()) + "<" + filter.getBefore().cStr());
      auto count = std::min<size_t>(before, room);
      auto jobs = to.initJobs(static_cast<unsigned>(count));
      for (unsigned i = 0; i < count; ++i) describeEnded(jobs[i], "000" + std::to_string(before - 1 - i), 0);
      to.setMore(count < before);
      return kj::Promise<void>(kj::READY_NOW);
    };
  }
  std::vector<std::string> questions;
};

TEST_CASE("jobs asks for part after part, until there are as many as are wanted") {
  Many all, some;
  CHECK(all.run({"jobs", "-q", "-n", "0"}).out == "0003\n0002\n0001\n0000\n");
  CHECK(all.questions == std::vector<std::string>{"0<", "0<0002"});
  auto ran = some.run({"jobs", "-q", "--limit", "3"});
  CHECK(ran.out == "0003\n0002\n0001\n");
  CHECK(ran.err.empty());
  CHECK(some.questions == std::vector<std::string>{"3<", "1<0002"});
  auto json = Many().run({"jobs", "--output", "json", "-n", "1"});
  CHECK(json.out.find("\"more\":true}") != std::string::npos);
  CHECK(json.err.empty());
}

TEST_CASE("jobs of a job that is not there is wrong usage, as with wait") {
  Many program;
  program.daemon.script.awaitJobs = [](auto, Agent::AwaitJobsResults::Builder to) {
    encode(noSuchJob("x"), to.initError());
    return kj::Promise<void>(kj::READY_NOW);
  };
  auto ran = program.run({"jobs", "0001", "x"});
  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(ran.err == "cbsession: no such job: x. Next: cbsession jobs\n");
  CHECK(program.questions.empty());
}

TEST_CASE("an empty word is no job, and the daemon is not asked for it") {
  for (std::string command : {"wait", "logs", "cancel", "jobs"}) {
    Program program;
    bool asked = false;
    program.daemon.script.awaitJobs = [&](auto, auto) {
      asked = true;
      return kj::Promise<void>(kj::READY_NOW);
    };
    auto ran = program.run({command, ""});
    CHECK(ran.code == 2);
    CHECK(ran.err.find("cbsession: " + command + ": JOB: expected the id or the name of a job") == 0);
    CHECK_FALSE(asked);
  }
}

TEST_CASE("a number that is none is told with what is expected") {
  for (const char* number : {"--limit=x", "--limit=-1", "--limit=1.5", "--limit=4294967296", "--limit="}) {
    CHECK(Program().run({"jobs", number}).err.find("expected a whole number from 0") != std::string::npos);
  }
  CHECK(Program().run({"jobs", "-n", "-1"}).err.find("expected a whole number from 0") != std::string::npos);
}

std::vector<std::string> words(std::vector<std::string> first, size_t jobs) {
  for (size_t i = 0; i < jobs; ++i) first.push_back("j" + std::to_string(i));
  return first;
}

TEST_CASE("wait for very many jobs asks in groups, and --any has a limit") {
  std::vector<std::string> groups;
  Program program;
  program.daemon.script.awaitJobs = [&](Agent::AwaitJobsParams::Reader asked, Agent::AwaitJobsResults::Builder to) {
    auto names = asked.getJobs();
    groups.push_back(std::string(names[0].cStr()) + "+" + std::to_string(names.size()));
    auto jobs = to.initJobs(names.size());
    for (unsigned i = 0; i < jobs.size(); ++i) describeEnded(jobs[i], names[i].cStr(), names[i] == "j2000" ? 7 : 0);
    to.setDone(true);
    return kj::Promise<void>(kj::READY_NOW);
  };
  CHECK(program.run(words({"wait"}, 2001)).code == 7);
  std::vector<std::string> once = {"j0+1000", "j1000+1000", "j2000+1"};
  auto twice = once;  // to know their ids, and to wait
  twice.insert(twice.end(), once.begin(), once.end());
  CHECK(groups == twice);
  auto ran = Program().run(words({"wait", "--any"}, 10'001));
  CHECK(ran.code == 2);
  CHECK(ran.err == "cbsession: wait: --any: 10000 jobs are the most. Next: cbsession wait --help\n");
}

TEST_CASE("cancel of very many jobs is in groups, and none is ended if one of them is not there") {
  std::vector<size_t> groups;
  auto cancel = [&](Program& program) {
    program.daemon.script.cancelJobs = [&](Agent::CancelJobsParams::Reader asked,
                                           Agent::CancelJobsResults::Builder to) {
      groups.push_back(asked.getJobs().size());
      auto results = to.initResults(asked.getJobs().size());
      for (unsigned i = 0; i < results.size(); ++i) results[i].setId(asked.getJobs()[i]);
      return kj::Promise<void>(kj::READY_NOW);
    };
    return program.run(words({"cancel"}, 1500));
  };
  Program all, missing;
  auto ran = cancel(all);
  CHECK(ran.code == 0);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1500);
  CHECK(groups == std::vector<size_t>{1000, 500});
  groups.clear();
  missing.daemon.script.awaitJobs = [](Agent::AwaitJobsParams::Reader asked, Agent::AwaitJobsResults::Builder to) {
    if (asked.getJobs().size() == 500) encode(noSuchJob("j1499"), to.initError());
    to.initJobs(0);
    return kj::Promise<void>(kj::READY_NOW);
  };
  CHECK(cancel(missing).code == 2);
  CHECK(groups.empty());
}

TEST_CASE("jobs lists them, or their ids alone, and says if there are more") {
  auto list = [](Program& program, std::vector<std::string> arguments) {
    program.daemon.script.jobs = [](Agent::JobsParams::Reader asked, Agent::JobsResults::Builder to) {
      auto jobs = to.initJobs(asked.getFilter().getLimit());
      for (auto job : jobs) describeEnded(job, "one", 3);
      to.setMore(true);
      return kj::Promise<void>(kj::READY_NOW);
    };
    return program.run(std::move(arguments));
  };
  Program text, ids, json;
  auto ran = list(text, {"jobs"});
  CHECK(ran.code == 0);
  CHECK(ran.out.find("one  web1    exited 3") != std::string::npos);
  CHECK(ran.err == "cbsession: these are the youngest 100; there are more. Next: cbsession jobs --limit N\n");
  ran = list(ids, {"jobs", "-q"});
  CHECK(ran.out.find("one\none\n") == 0);
  CHECK(ran.err.empty());
  auto out = list(json, {"jobs", "--output", "json"}).out;
  CHECK(out.find("{\"jobs\":[{\"id\":\"one\"") == 0);
  CHECK(out.find("\"more\":true}") != std::string::npos);
  for (std::vector<std::string> wrong :
       std::vector<std::vector<std::string>>{{"--state", "done"}, {"-n", "x"}, {"-n", "-1"}, {"-l", "=v"}}) {
    wrong.insert(wrong.begin(), "jobs");
    CHECK(Program().run(wrong).code == 2);
  }
}

TEST_CASE("a daemon from before there were jobs is told as one of another version") {
  auto ran = Program().run({"jobs"});
  CHECK(ran.code == 240);
  CHECK(ran.err.find("cbsession: the daemon is older than this program (version 9.9.9, here ") == 0);
  CHECK(ran.err.find(". Next: cbsession agent stop") != std::string::npos);
}

TEST_CASE("cancel tells for each job what became of it, with --wait when it has ended") {
  using What = schema::Cancelled::What;
  auto cancel = [](Program& program, std::vector<std::string> arguments) {
    program.daemon.script.cancelJobs = [](auto, Agent::CancelJobsResults::Builder to) {
      auto results = to.initResults(2);
      results[0].setId("one");
      results[0].setWhat(What::HAD_ENDED);
      results[1].setId("two");
      results[1].setWhat(What::SIGNALLED);
      return kj::Promise<void>(kj::READY_NOW);
    };
    return program.run(std::move(arguments));
  };
  Program first, second;
  auto ran = cancel(first, {"cancel", "one", "two"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "one: had ended (exited 3)\ntwo: told to end\n");
  second.running = true;
  second.onPoll = [&](Agent::AwaitJobsResults::Builder to) {
    second.running = false;
    for (auto job : to.getJobs()) job.setState(JobState::ENDED);
    to.setDone(true);
    return kj::Promise<void>(kj::READY_NOW);
  };
  ran = cancel(second, {"cancel", "--wait", "one", "two"});
  CHECK(ran.out == "one: had ended (exited 3)\ntwo: was told to end, and has ended (unreachable)\n");
}

}  // namespace
}  // namespace cbs::cli
