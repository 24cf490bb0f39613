// /api/health/details of the real daemon, and the faults of the daemon's own doors and logs.
#include "tests/integration/http_client.h"
#include "tests/support/lab.h"
#include "tests/support/small_disk.h"
#include "tests/support/text.h"

#include <netinet/in.h>
#include <poll.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>

namespace cbs::test {
namespace {

constexpr int kNoValidator = 77;

std::string awaitHealth(const PrivateAgent& agent, const std::function<bool(const std::string&)>& condition) {
  auto deadline = std::chrono::steady_clock::now() + kSoon;
  for (;; poll(nullptr, 0, 20)) {
    auto health = agent.cli({"health"}).out;
    if (condition(health)) return health;
    if (std::chrono::steady_clock::now() > deadline)
      fail("the daemon's health does not become what it should: " + health);
  }
}

std::string awaitCondition(const PrivateAgent& agent, const std::string& code) {
  return awaitHealth(agent, [&](const std::string& health) { return contains(health, "[" + code + ", since "); });
}

// But for an event loop that is late, as it is on a busy machine.
void awaitHealthy(const PrivateAgent& agent) {
  awaitHealth(agent, [](const std::string& health) {
    return health == "healthy\n" || (contains(health, "[loopLag, ") && count(health, "Next: ") == 1);
  });
}

// What the JSON Schema says against it.
CliResult validate(const std::string& details) {
  CliProcess validator({.argv = {"/usr/bin/python3", std::string(CBS_SOURCE) + "/tests/support/check_json",
                                 std::string(CBS_SOURCE) + "/packaging/health-details.schema.json"}});
  return validator.finishWithInput(details);
}

// Fails the test if they are not as the JSON Schema says, or skips it if nobody can tell.
void requireValid(const std::string& details) {
  auto result = validate(details);
  if (result.code == kNoValidator) SKIP("needs the package python3-jsonschema");
  INFO(details);
  REQUIRE(result.out + result.err == "");
  REQUIRE(result.code == 0);
}

TEST_CASE("the details of a daemon that has just started are what their JSON Schema says") {
  uint16_t port = freePort();
  PrivateAgent agent(servingAt(port));
  agent.start();
  auto answer = get(port, "/api/health/details");
  CHECK(answer.status == 200);
  CHECK(contains(answer.head, "\r\nContent-Type: application/json"));
  requireValid(answer.body);
  CHECK(contains(answer.body, "\"breakers\":[]"));
}

TEST_CASE(
    "details of a daemon that has worked have its figures and the breakers that are open, and fit the JSON Schema") {
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[breaker]\nfailure_threshold = 1\nopen_ms = 600000\n";
  auto deaf = boundSocket(-1);
  Lab lab({}, settings);
  lab.agent.addUnknownHost("deaf*", portOf(deaf.get()));
  for (int i = 0; i < 2; ++i) REQUIRE(lab.exec("true").code == 0);
  REQUIRE(lab.agent.cli({"upload", lab.agent.configFile(), "web1:" + lab.sshd.remoteFolder() + "/copy"}).code == 0);
  REQUIRE(lab.agent.cli({"exec", "deaf", "true"}).code == 241);
  auto answer = get(port, "/api/health/details");
  CHECK(answer.status == 200);
  requireValid(answer.body);
  CHECK(answer.body.starts_with(
      "{\"status\":\"degraded\",\"conditions\":[{\"code\":\"breakersOpen\",\"severity\":\"degraded\","));
  CHECK(contains(answer.body,
                 "\"breakers\":[{\"host\":\"deaf\",\"address\":\"127.0.0.1:" + std::to_string(portOf(deaf.get()))));
  CHECK(contains(answer.body, "\"reason\":\"connectionRefused\""));
  CHECK(contains(answer.body, "\"created\":1,\"reused\":2,"));
  CHECK(contains(answer.body, "\"daemon\":{"));
  CHECK(contains(answer.body, "\"pid\":" + std::to_string(lab.agent.pid())));
}

TEST_CASE("the name of a host that is no UTF-8 spoils neither details nor metrics") {
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[breaker]\nfailure_threshold = 1\nopen_ms = 600000\n[metrics]\nper_host = \"*\"\n";
  auto deaf = boundSocket(-1);
  PrivateAgent agent(settings);
  agent.addUnknownHost("odd*", portOf(deaf.get()));
  agent.start();
  REQUIRE(agent.cli({"exec", "odd\xff", "true"}).code == 241);
  auto details = get(port, "/api/health/details").body;
  requireValid(details);
  CHECK(contains(details, "\"host\":\"odd\xef\xbf\xbd\""));
  CHECK(contains(get(port, "/metrics").body, "\nssh_host_failures_total{host=\"odd?\"} 1\n"));
}

TEST_CASE("a port that another program has is a condition until it is free") {
  auto taken = boundSocket(1);
  uint16_t port = portOf(taken.get());
  PrivateAgent agent(servingAt(port));
  agent.start();
  auto health = awaitCondition(agent, "httpUnavailable");
  CHECK(contains(health, "metrics and health are not served over HTTP: 127.0.0.1:" + std::to_string(port) +
                             ": Address already in use. Next: mend what it names"));
  CHECK(agent.cli({"health"}).code == 1);
  taken.close();
  awaitHealthy(agent);
  CHECK(get(port, "/api/health").status == 200);
}

TEST_CASE("a socket whose folder is missing is a condition until it is there") {
  TempFolder folder;
  PrivateAgent agent({.http = "listen = \"unix:" + folder.path("run/http.sock") + "\""});
  agent.start();
  CHECK(contains(awaitCondition(agent, "httpUnavailable"), "No such file or directory"));
  folder.makeFolder("run");
  awaitHealthy(agent);
  CHECK(get(folder.path("run/http.sock"), "/api/health").status == 200);
}

// Whoever has the port: this test, or another program.
TEST_CASE("that the default address is another daemon's is told in the log, and is no condition") {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9461);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) listen(socket.get(), 1);
  PrivateAgent agent({.http = ""});
  agent.start();
  agent.awaitLog("no metrics and health address=127.0.0.1:9461");
  CHECK_FALSE(contains(agent.cli({"health"}).out, "httpUnavailable"));
}

TEST_CASE("a log file whose folder is missing is a condition until it is there, though nothing is logged then") {
  TempFolder folder;
  auto file = folder.path("logs/agentd.log");
  Lab lab({}, {.rest = "[log]\nfile = \"" + file + "\"\n"});
  CHECK(contains(awaitCondition(lab.agent, "logUnavailable"),
                 "the log cannot be written: " + file + ": No such file or directory. Next: "));
  CHECK(lab.exec("echo fine").out == "fine\n");
  folder.makeFolder("logs");
  awaitHealthy(lab.agent);
  CHECK(contains(readFile(file), " warn app: lines lost lines="));
}

TEST_CASE("a log file on a disk that is full is a condition until there is room") {
  TempFolder folder;
  SmallDisk disk(folder.makeFolder("disk"), 64 << 10);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  auto file = folder.path("disk/log");
  for (auto* name : {"disk/filler", "disk/rest"}) {
    std::ofstream(folder.path(name), std::ios::app) << std::string(60 << 10, 'x') << std::flush;
  }
  Lab lab({}, {.rest = "[log]\nfile = \"" + file + "\"\n"});
  CHECK(contains(awaitCondition(lab.agent, "logUnavailable"), file + ": No space left on device"));
  CHECK(lab.exec("echo fine").out == "fine\n");
  for (auto* name : {"disk/filler", "disk/rest"}) std::filesystem::remove(folder.path(name));
  awaitHealthy(lab.agent);
}

TEST_CASE("a daemon that has refused a command for want of its audit log is down until it can be written") {
  TempFolder folder;
  auto file = folder.path("audit/audit.jsonl");
  uint16_t port = freePort();
  auto settings = servingAt(port);
  settings.rest = "[log]\naudit_file = \"" + file + "\"\n";
  Lab lab({}, settings);
  CHECK(lab.exec("echo fine").code == 244);
  CHECK(contains(awaitCondition(lab.agent, "auditUnavailable"),
                 "down\n  down: nothing is run, as it cannot be put on record in the audit log: " + file +
                     ": No such file or directory"));
  auto ready = get(port, "/api/health/ready");
  CHECK(ready.status == 503);
  CHECK(contains(ready.body, "\"reason\":\"auditUnavailable\""));
  folder.makeFolder("audit");
  awaitHealthy(lab.agent);
  CHECK(get(port, "/api/health/ready").status == 200);
  CHECK(lab.exec("echo fine").out == "fine\n");
}

}  // namespace
}  // namespace cbs::test
