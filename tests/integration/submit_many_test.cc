// `cbsession submit` for many hosts.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <sstream>

namespace cbs::test {
namespace {

using std::chrono::seconds;

// Thirty names of one server.
struct ManyNames : Lab {
  ManyNames() {
    for (int i = 1; i <= kHosts; ++i) {
      agent.addHost(name(i), sshd);
      set += (i == 1 ? "" : ",") + name(i);
    }
  }
  static std::string name(int i) { return "job" + std::to_string(i); }

  static constexpr int kHosts = 30;
  std::string set;
};

std::vector<std::string> linesOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("each host of a node set gets its job once, however often they are submitted with a key") {
  ManyNames lab;
  std::string marks = lab.sshd.remoteFolder() + "/marks";
  std::vector<std::string> submit = {"submit", "--idempotency-key",   "deploy-42", "-l", "deploy=42",
                                     lab.set,  "echo mark >>" + marks};
  auto first = lab.agent.cli(submit);
  INFO(first.err);
  REQUIRE(first.code == 0);
  auto ids = linesOf(first.out);
  REQUIRE(ids.size() == ManyNames::kHosts);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  auto again = lab.agent.cli(submit);
  CHECK(again.code == 0);
  CHECK(again.out == first.out);
  CHECK(contains(again.err, "30 of 30 have a job of this idempotency key already"));
  CHECK(lab.agent.cli({"wait", "-l", "deploy=42"}, "", seconds(60)).code == 0);
  CHECK(count(readFile(marks), "mark") == ManyNames::kHosts);
  CHECK(contains(lab.agent.cli({"jobs", ids[6]}).out, "job7"));
}

TEST_CASE("a job whose host cannot be reached ends by itself, and waiting for the label tells of it") {
  ManyNames lab;
  lab.agent.addUnknownHost("gone", 1);
  auto submitted = lab.agent.cli({"submit", "-l", "run=1", "job1,gone,job3:99999,job2", "true"});
  CHECK(submitted.code == 2);
  CHECK(linesOf(submitted.out).size() == 3);
  CHECK(contains(submitted.err, "job3:99999"));
  auto waited = lab.agent.cli({"wait", "-l", "run"}, "", seconds(60));
  CHECK(waited.code == 241);
  CHECK(contains(waited.err, "cbsession: gone: job "));
  CHECK(lab.agent.cli({"wait", "-l", "run=2"}).code == 2);
}

}  // namespace
}  // namespace cbs::test
