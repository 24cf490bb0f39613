#include "cli/bytes.h"
#include "tests/unit/cli/job_program.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// A daemon that gives job N of a call the id `idN`, but for the targets that it refuses.
struct ManySubmissions {
  Ran run(std::vector<std::string> options, std::vector<std::string> words) {
    program.daemon.script.submitAll = [this](Agent::SubmitAllParams::Reader asked,
                                             Agent::SubmitAllResults::Builder to) {
      auto targets = asked.getTargets();
      sizes.push_back(targets.size());
      own = asked.getRequest().getExec().getTarget().cStr();
      line = textOf(asked.getRequest().getExec().getSpec().getCommand().getLine());
      auto all = to.initSubmissions(targets.size());
      for (unsigned i = 0; i < all.size(); ++i) answer(targets[i].cStr(), all[i]);
      if (dies && sizes.size() > 1) {
        program.daemon.dropSoon();
        return kj::Promise<void>(kj::NEVER_DONE);
      }
      return kj::Promise<void>(kj::READY_NOW);
    };
    return program.submit(options, words);
  }

  void answer(const std::string& target, schema::Submission::Builder to) {
    if (target[0] == 'x') return encode(error, to.initError());
    to.setId(("id-" + target).c_str());
    to.setExisting(existing);
  }

  Program program;
  std::vector<size_t> sizes;
  std::string own, line;
  Error error{ErrorKind::OVERLOADED, Reason::QUEUE_FULL, "5 of 5"};
  bool existing = false;
  bool dies = false;
};

TEST_CASE("a node set gets a job for each of its hosts, and their ids are printed in its order") {
  ManySubmissions many;
  auto ran = many.run({"--name", "n"}, {"web2,web1,db", "uptime"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "id-web2\nid-web1\nid-db\n");
  CHECK(ran.err.empty());
  CHECK(many.own.empty());
  CHECK(many.line == "uptime");
}

TEST_CASE("hosts whose job is refused are told together, and the others have theirs") {
  ManySubmissions many;
  auto ran = many.run({}, {"a,x1,b,x2", "true"});
  CHECK(ran.code == 244);
  CHECK(ran.out == "id-a\nid-b\n");
  CHECK(ran.err.find("rejected: the daemon's queue is full") != std::string::npos);
  CHECK(ran.err.find("cbsession: x") == 0);
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
}

TEST_CASE("what is wrong with the request itself is told once and without hosts") {
  ManySubmissions many;
  many.error = {ErrorKind::USAGE, Reason::BAD_REQUEST, "'a b' cannot be a job's name"};
  auto ran = many.run({}, {"x1,x2", "true"});
  CHECK(ran.code == 2);
  CHECK(ran.err == "cbsession: 'a b' cannot be a job's name. Next: cbsession submit --help\n");
}

TEST_CASE("programs get a report with every host") {
  ManySubmissions many;
  auto ran = many.run({"--output", "json"}, {"a,x", "true"});
  CHECK(ran.code == 244);
  CHECK(ran.out.find("{\"jobs\":[{\"id\":\"id-a\",\"existing\":false,\"target\":\"a\"}") == 0);
  CHECK(ran.out.find("\"target\":\"x\",\"error\":{") != std::string::npos);
}

TEST_CASE("jobs that were there already are counted on the side") {
  ManySubmissions many;
  many.existing = true;
  auto ran = many.run({"--idempotency-key", "k"}, {"a,b", "true"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "id-a\nid-b\n");
  CHECK(ran.err.find("cbsession: 2 of 2 have a job of this idempotency key already: ") == 0);
}

TEST_CASE("thousands of hosts are submitted in pieces; what got no answer is told") {
  std::string set = "h0";
  for (int i = 1; i < 2500; ++i) set += ",h" + std::to_string(i);
  ManySubmissions many;
  auto ran = many.run({}, {set, "true"});
  CHECK(ran.code == 0);
  CHECK(many.sizes == std::vector<size_t>{1000, 1000, 500});
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2500);
  ManySubmissions dying;
  dying.dies = true;
  ran = dying.run({}, {set, "true"});
  CHECK(ran.code == 240);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1000);
  CHECK(ran.err.find("whether the job was taken is unknown") != std::string::npos);
}

TEST_CASE("with --hosts-file all words are the command's") {
  test::TempFolder folder;
  ManySubmissions many;
  auto ran = many.run({"--hosts-file", folder.write("hosts", "a\nb\n")}, {"echo a b"});
  CHECK(ran.err.empty());
  CHECK(ran.out == "id-a\nid-b\n");
  CHECK(many.line == "echo a b");
}

}  // namespace
}  // namespace cbs::cli
