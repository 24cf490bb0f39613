#include "tests/unit/cli/job_program.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

struct Submission {
  Ran run(std::vector<std::string> options, std::vector<std::string> words = {"web1", "true"}) {
    program.daemon.script.submit = [this](Agent::SubmitParams::Reader asked, Agent::SubmitResults::Builder to) {
      name = asked.getRequest().getName().cStr();
      to.setId("01k5q3v8zt7c2m4x");
      to.setExisting(existing);
      if (error.kind != ErrorKind::NONE) encode(error, to.initError());
      if (dies) {
        program.daemon.dropSoon();
        return kj::Promise<void>(kj::NEVER_DONE);
      }
      return kj::Promise<void>(kj::READY_NOW);
    };
    return program.submit(options, words);
  }

  Program program;
  std::string name;
  bool existing = false;
  bool dies = false;
  Error error{ErrorKind::NONE, Reason::UNSPECIFIED, ""};
};

TEST_CASE("submit prints the id and nothing else") {
  Submission submission;
  auto ran = submission.run({"--name", "backup", "-l", "a=b", "--after", "x", "--after-any", "y"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "01k5q3v8zt7c2m4x\n");
  CHECK(ran.err.empty());
  CHECK(submission.name == "backup");
  CHECK(Submission().run({"--output", "json"}).out == "{\"id\":\"01k5q3v8zt7c2m4x\",\"existing\":false}\n");
}

TEST_CASE("submitting what was submitted before gives its id, and says so on the side") {
  Submission submission;
  submission.existing = true;
  auto ran = submission.run({"--idempotency-key", "k"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "01k5q3v8zt7c2m4x\n");
  CHECK(ran.err == "cbsession: there is a job of this idempotency key already: 01k5q3v8zt7c2m4x\n");
}

TEST_CASE("a job that is refused is told with its reason and exit code") {
  Submission missing, full, taken;
  missing.error = noSuchJob("x");
  auto ran = missing.run({"--after", "x"});
  CHECK(ran.code == 2);
  CHECK(ran.out.empty());
  CHECK(ran.err == "cbsession: no such job: x. Next: cbsession jobs\n");
  full.error = {ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, "", {{"file", "/s/jobs.db"}, {"full", "true"}}};
  ran = full.run({});
  CHECK(ran.code == 244);
  CHECK(ran.err.find("cbsession: no jobs: the journal cannot be used. Next: free space for /s/jobs.db") == 0);
  taken.error = {ErrorKind::USAGE, Reason::IDEMPOTENCY_KEY_TAKEN, "", {{"job", "01k"}}};
  CHECK(taken.run({}).err.find("cbsession: another job has this idempotency key: 01k. Next: choose another key") == 0);
}

TEST_CASE("what is wrong with the request is told without its target, and where to read on") {
  Submission submission;
  submission.error = {ErrorKind::USAGE, Reason::BAD_REQUEST, "'a b' cannot be a job's name"};
  auto ran = submission.run({"--name", "a b"});
  CHECK(ran.code == 2);
  CHECK(ran.err == "cbsession: 'a b' cannot be a job's name. Next: cbsession submit --help\n");
}

TEST_CASE("a job whose submission got no answer may have been taken") {
  Submission submission;
  submission.dies = true;
  auto ran = submission.run({});
  CHECK(ran.code == 240);
  CHECK(ran.out.empty());
  CHECK(
      ran.err ==
      "cbsession: cannot talk to the daemon: it ended the connection; whether the job was taken is unknown. Next: see "
      "cbsession jobs, or submit it again with --idempotency-key\n");
}

TEST_CASE("numbers and names that mean nothing are told with what is expected") {
  auto complaint = [](std::vector<std::string> options) { return Submission().run(std::move(options)).err; };
  CHECK(complaint({"--retries", "x"}) ==
        "cbsession: submit: --retries: expected a whole number from 0, not 'x'. Next: cbsession submit --help\n");
  CHECK(complaint({"--name", ""}).find("--name: expected a name") != std::string::npos);
  CHECK(complaint({"--deadline", "0"}).find("--deadline: expected a time longer than 0") != std::string::npos);
  CHECK(complaint({"--after", ""}).find("--after: expected the id or the name") != std::string::npos);
  CHECK(complaint({"--after-any", ""}).find("--after-any: expected the id or the name") != std::string::npos);
}

TEST_CASE("submit complains about what it does not understand, before it asks the daemon") {
  CHECK(Submission().run({}, {"web1"}).err.find("COMMAND is required") != std::string::npos);
  for (std::vector<std::string> options : std::vector<std::vector<std::string>>{{"--priority", "urgent"},
                                                                                {"-l", "=x"},
                                                                                {"--deadline", "soon"},
                                                                                {"--deadline", "0s"},
                                                                                {"--name", ""},
                                                                                {"--after", ""},
                                                                                {"-e", "1=2"},
                                                                                {"-i"},
                                                                                {"-t"},
                                                                                {"--retries", "x"}}) {
    INFO(options[0]);
    Submission submission;
    auto ran = submission.run(options);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("cbsession: submit: ") == 0);
  }
}

}  // namespace
}  // namespace cbs::cli
