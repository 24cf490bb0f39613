// What members of groups may do with a daemon. Needs root, to be somebody else.
#include "tests/support/lab.h"
#include "tests/support/other_user.h"
#include "tests/support/text.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <catch2/catch_test_macros.hpp>

#include <fstream>

namespace cbs::test {
namespace {

// Groups that every Debian has.
const std::string kUsers = "games";
const std::string kViewers = "mail";
const std::string kNone;

AgentSettings openTo(const std::string& users, const std::string& viewers) {
  return {.rest = "[access]\nallow_groups = \"" + users + "\"\nview_groups = \"" + viewers + "\"\n"};
}

struct OpenLab : Lab {
  OpenLab() : Lab({}, openTo(kUsers, kViewers)), other(agent) {}
  OtherUser other;

  std::string submit(const std::string& command) const {
    auto submitted = agent.cli({"submit", "web1", command});
    REQUIRE(submitted.code == 0);
    return submitted.out.substr(0, submitted.out.find('\n'));
  }
};

TEST_CASE("members of access.allow_groups run commands, and strangers are told why not") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  auto served = lab.other.cli(kUsers, {"exec", "web1", "echo served"});
  CHECK(served.err == "");
  CHECK(served.out == "served\n");
  auto stranger = lab.other.cli(kNone, {"exec", "web1", "echo served"});
  CHECK(stranger.code == 240);
  CHECK(stranger.out == "");
  CHECK(contains(stranger.err, "you may not use this daemon; its access.allow_groups is games. Next: "));
  lab.agent.awaitLog("uid=65534");
}

TEST_CASE("what `ssh` is told that only the owner may say is left to the real ssh") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  CHECK(lab.other.cli(kUsers, {"ssh", "-oConnectTimeout=9", "web1", "echo served"}).out == "served\n");
  for (const auto& group : {kUsers, kNone}) {
    auto result = lab.other.cli(group, {"ssh", "-oProxyCommand=false", "web1", "true"});
    CHECK(result.code == 255);
    CHECK(contains(result.err, group == kNone ? "you may not use this daemon" : "not allowed: options of ssh"));
    CHECK(contains(result.err, "handing over to "));
  }
}

TEST_CASE("members of access.view_groups look, and do nothing else") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  auto job = lab.submit("echo secret");
  REQUIRE(lab.agent.cli({"wait", job}).code == 0);
  using Words = std::vector<std::string>;
  for (const Words& words :
       {Words{"stats"}, {"connections"}, {"health"}, {"explain", "web1"}, {"jobs"}, {"wait", job}}) {
    INFO(words.front());
    auto result = lab.other.cli(kViewers, words);
    bool mayBeDegraded = words.front() == "health";  // where the machine is busy
    CHECK(result.code <= (mayBeDegraded ? 1 : 0));
    CHECK(result.err == "");
  }
  for (const Words& words : {Words{"exec", "web1", "true"},
                             {"ls", "web1:/"},
                             {"download", "web1:/etc/hostname", "/dev/null"},
                             {"submit", "web1", "true"},
                             {"logs", job},
                             {"cancel", job},
                             {"disconnect", "web1"},
                             {"breaker", "reset", "web1"},
                             {"agent", "stop"},
                             {"agent", "drain"},
                             {"agent", "reload"}}) {
    INFO(words.front());
    auto result = lab.other.cli(kViewers, words);
    CHECK(result.code == 240);
    CHECK(result.out == "");
    CHECK(contains(result.err, "not allowed: "));
    CHECK(contains(result.err, "Next: ask whoever runs the daemon"));
  }
  CHECK(lab.agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
}

TEST_CASE("what concerns all is for the owner") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{"agent", "stop"},
                             {"agent", "drain"},
                             {"agent", "reload"},
                             {"disconnect", "--all"},
                             {"breaker", "reset", "--all"}}) {
    INFO(words.back());
    auto result = lab.other.cli(kUsers, words);
    CHECK(result.code == 240);
    CHECK(contains(result.err, "is for the daemon's own user and root"));
  }
  CHECK(lab.other.cli(kUsers, {"disconnect", "web1"}).code == 0);
  CHECK(lab.agent.cli({"disconnect", "--all"}).code == 0);
}

TEST_CASE("of jobs a user reads and cancels its own") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  auto owners = lab.submit("echo secret");
  auto theirs = lab.other.cli(kUsers, {"submit", "web1", "echo mine"});
  REQUIRE(theirs.code == 0);
  auto own = theirs.out.substr(0, theirs.out.find('\n'));
  REQUIRE(lab.other.cli(kUsers, {"wait", owners, own}).code == 0);
  CHECK(lab.other.cli(kUsers, {"logs", own}).out == "mine\n");
  auto refused = lab.other.cli(kUsers, {"logs", owners});
  CHECK(refused.code == 240);
  CHECK(refused.out == "");
  CHECK(contains(refused.err, "is another user's"));
  CHECK(lab.other.cli(kUsers, {"cancel", own, owners}).code == 240);
  CHECK(lab.other.cli(kUsers, {"cancel", own}).code == 0);
  CHECK(lab.agent.cli({"logs", own}).out == "mine\n");
}

TEST_CASE("a reload gives rights and takes them away") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  std::string config = readFile(lab.agent.configFile());
  auto allow = [&](const std::string& groups) {
    std::string changed = config;
    changed.replace(changed.find("\"games\""), 7, "\"" + groups + "\"");
    std::ofstream(lab.agent.configFile()) << changed;
    REQUIRE(lab.agent.cli({"agent", "reload"}).code == 0);
  };
  allow("no-such-group");
  CHECK(lab.other.cli(kUsers, {"exec", "web1", "true"}).code == 240);
  lab.agent.awaitLog("there is no such group key=access.allow_groups group=no-such-group");
  allow("tape," + kUsers);
  CHECK(lab.other.cli(kUsers, {"exec", "web1", "echo served"}).out == "served\n");
}

bool isClosed(const UniqueFd& socket, milliseconds deadline) {
  char byte;
  return waitReadable(socket.get(), deadline) && recv(socket.get(), &byte, 1, 0) <= 0;
}

// 0 if the daemon keeps the first of forty silent connections and has closed the last.
int crowdAsNobody(const std::string& path) {
  if (setgroups(0, nullptr) != 0 || setresuid(OtherUser::kUser, OtherUser::kUser, OtherUser::kUser) != 0) return 10;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  std::vector<UniqueFd> sockets;
  for (int i = 0; i < 40; ++i) {
    sockets.emplace_back(socket(AF_UNIX, SOCK_STREAM, 0));
    if (connect(sockets.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return 11;
  }
  if (!isClosed(sockets.back(), kSoon)) return 12;
  return isClosed(sockets.front(), milliseconds(0)) ? 13 : 0;
}

TEST_CASE("strangers who come in crowds are not let in, and others are served") {
  if (geteuid() != 0) SKIP("needs root");
  OpenLab lab;
  pid_t child = fork();
  if (child == 0) _exit(crowdAsNobody(lab.agent.socket()));
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(lab.other.cli(kUsers, {"exec", "web1", "echo served"}).out == "served\n");
}

}  // namespace
}  // namespace cbs::test
