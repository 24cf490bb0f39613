#include "cli/fanout/summary.h"

#include "cli/fanout/host_board.h"
#include "cli/fanout/progress_line.h"
#include "cli/nodes/targets.h"
#include "tests/unit/cli/fan_out_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// Hosts that have ended.
struct Ended {
  void add(const std::string& name, HostEnd end) {
    targets.push_back(name);
    ends.push_back(kj::mv(end));
  }
  FanOutResults results(int exitCode = 0) const { return {targets, ends, exitCode, 4200 * kj::MILLISECONDS}; }

  std::vector<std::string> targets;
  std::vector<HostEnd> ends;
};

TEST_CASE("a summary counts what is well and names what is not, in one line while there is little to say") {
  Ended ended;
  for (auto* name : {"a", "b", "c"}) ended.add(name, exitedWith(0));
  CHECK(summaryText(ended.results()) == "cbsession: 3 ok in 4.2 s\n");
  ended.add("d", exitedWith(1));
  ended.add("f", notSent(ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, "whatever"));
  ended.add("e", exitedWith(1));
  CHECK(summaryText(ended.results()) ==
        "cbsession: 3 ok, 2 exited with 1 (" + foldTargets({"d", "e"}) +
            "), 1 unreachable: connection refused (f) in 4.2 s. Next: check that an SSH server runs there, and its "
            "port: ssh -v f\n");
}

TEST_CASE("many ways to end are listed, the most frequent first, and the list has an end") {
  Ended ended;
  for (int code = 1; code <= 50; ++code) {
    for (int i = 0; i < (code == 7 ? 2 : 1); ++i) ended.add("h" + std::to_string(ended.ends.size()), exitedWith(code));
  }
  auto text = summaryText(ended.results());
  CHECK(text.find("cbsession: 0 ok, 51 failed in 4.2 s\n  2 exited with 7 (") == 0);
  CHECK(text.find("\n  30 that ended in 30 other ways\n") != text.npos);
  ended.add("f", notSent(ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED));
  CHECK(summaryText(ended.results()).find("other ways\nNext: check that an SSH server runs there") != text.npos);
}

TEST_CASE("hosts with the same fate are together whatever is peculiar to each, and apart where a jump host differs") {
  Ended ended;
  auto changed = [](const char* key) {
    return HostEnd::notBegun(Error{ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_CHANGED, ""}.with("fingerprint", key));
  };
  ended.add("a", changed("one"));
  ended.add("b", changed("two"));
  ended.add("c",
            HostEnd::notBegun(Error{ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_CHANGED, ""}.with("jumpHost", "j")));
  auto groups = outcomesOf(ended.results()).groups;
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].text == "host key refused: host key changed");
  CHECK(groups[0].hosts == std::vector<uint32_t>{0, 1});
  CHECK(groups[1].text == "host key refused: jump host j: host key changed");
  CHECK(groups[1].status == 243);
}

TEST_CASE("those that never began are counted by themselves, also for programs") {
  Ended ended;
  ended.add("a", exitedWith(2));
  ended.add("b", notSent(ErrorKind::CANCELLED, Reason::FAILURES_EXCEEDED));
  ended.add("c", notSent(ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT));
  ended.add("d", exitedWith(0));
  capnp::MallocMessageBuilder message;
  auto summary = message.initRoot<schema::FanOutSummary>();
  describeSummary(ended.results(245), summary);
  CHECK(summary.getStatus() == 245);
  CHECK(summary.getHosts() == 4);
  CHECK(summary.getSucceeded() == 1);
  CHECK(summary.getFailed() == 2);
  CHECK(summary.getSkipped() == 1);
  REQUIRE(summary.getOutcomes().size() == 4);
  CHECK(summary.getOutcomes()[1].getText() == "not begun");
  CHECK(summary.getOutcomes()[1].getTargets() == "b");
  CHECK(summary.getOutcomes()[2].getText() == "timed out before the command could start");
}

TEST_CASE("a list of names that gets long ends with how many more there are") {
  std::vector<std::string> names;
  for (char c = 'a'; c <= 'z'; ++c) names.push_back(std::string(20, c));
  auto text = foldedBriefly(names);
  CHECK(text.find(std::string(20, 'j')) != text.npos);
  CHECK(text.find(std::string(20, 'k')) == text.npos);
  CHECK(text.substr(text.size() - 12) == " and 16 more");
}

TEST_CASE("the exit code is the highest of those that count, and an interrupt is never a success") {
  std::vector<std::string> targets = {"a", "b", "c"};
  HostBoard board(targets);
  board.ended(0, exitedWith(0));
  board.ended(1, notSent(ErrorKind::CANCELLED, Reason::FAILURES_EXCEEDED));
  CHECK(board.exitCode(0) == 0);
  CHECK(board.exitCode(2) == 0);
  board.ended(2, notSent(ErrorKind::CANCELLED, Reason::CALLER_CANCELLED));
  CHECK(board.exitCode(2) == 130);
  CHECK(board.exitCode(15) == 143);
}

TEST_CASE("the line of progress has what is known, and the one that all wait for") {
  std::vector<std::string> targets = {"a", "b", "c", "d"};
  HostBoard board(targets);
  auto start = kj::origin<kj::TimePoint>() + 5 * kj::SECONDS;
  ProgressLine line(board, start);
  CHECK(line.text(start) == "0/4 done");
  board.started(1, start);
  board.started(0, start + 1 * kj::SECONDS);
  board.started(2, start);
  board.ended(2, exitedWith(1));
  board.ended(3, exitedWith(0));
  CHECK(board.runningTargets() == std::vector<std::string>{"a", "b"});
  CHECK(line.text(start + 2 * kj::SECONDS) == "2/4 done · 2 running · 1 failed · 1/s · slowest b 2s");
  CHECK(line.text(start + 65 * kj::SECONDS).find("slowest b 1m05s") != std::string::npos);
}

}  // namespace
}  // namespace cbs::cli
