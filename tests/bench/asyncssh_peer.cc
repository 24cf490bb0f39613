#include "tests/bench/asyncssh_peer.h"

#include "tests/support/failure.h"

#include <cstdio>

namespace cbs::bench {
namespace {

// The distribution's, for which its packages are: another one may come first in $PATH.
constexpr const char* kPython = "/usr/bin/python3";

constexpr std::chrono::minutes kLongestTurn{10};

std::string linesOf(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

test::Program programFor(const ManyAddresses& server, const std::string& addressFile, int jobs, int orders,
                         int answers) {
  Login login = server.loginAt("");
  return {.argv = {kPython, std::string(CBS_BENCH_LIB) + "/connect_storm_asyncssh.py", std::to_string(login.port),
                   login.user, login.keyFile, server.knownHostsFile(), addressFile, std::to_string(jobs)},
          .descriptors = {{0, orders}, {1, answers}, {2, STDERR_FILENO}}};
}

}  // namespace

void requireAsyncssh() {
  test::ChildProcess check({.argv = {kPython, "-W", "ignore", "-c", "import asyncssh"}});
  if (check.wait().code == 0) return;
  test::fail(std::string("asyncssh, which this compares with, is missing for ") + kPython +
             ". Next: apt-get install python3-asyncssh");
}

AsyncsshPeer::AsyncsshPeer(const ManyAddresses& server, const std::vector<std::string>& addresses, int jobs)
    : process_(programFor(server, folder_.write("addresses", linesOf(addresses)), jobs, orders_.read.get(),
                          answers_.write.get())) {
  orders_.read.close();
  answers_.write.close();
  if (std::string said = answer(); said != "ready") test::fail("asyncssh: " + said);
}

Turn AsyncsshPeer::takeTurn() {
  if (write(orders_.write.get(), "turn\n", 5) != 5) test::failErrno("asyncssh takes no orders");
  std::string said = answer();
  Turn turn;
  if (sscanf(said.c_str(), "done %lf %lf %lf", &turn.seconds, &turn.lagP99Ms, &turn.lagMaxMs) == 3) return turn;
  test::fail("asyncssh: " + said);
}

std::string AsyncsshPeer::answer() {
  std::string line;
  char next = 0;
  while (next != '\n') {
    if (!test::waitReadable(answers_.read.get(), kLongestTurn)) test::fail("asyncssh does not come to an end");
    if (read(answers_.read.get(), &next, 1) != 1) test::fail("asyncssh has ended" + (line.empty() ? "" : ": " + line));
    line += next;
  }
  line.pop_back();
  return line;
}

}  // namespace cbs::bench
