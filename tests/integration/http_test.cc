// Metrics and health over HTTP, of the real daemon.
#include "tests/integration/http_client.h"
#include "tests/support/lab.h"
#include "tests/support/process_figures.h"
#include "tests/support/text.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>

namespace cbs::test {
namespace {

// Asks until the answer has this status.
HttpAnswer await(uint16_t port, const std::string& path, unsigned status) {
  auto deadline = std::chrono::steady_clock::now() + kSoon;
  for (;;) {
    auto answer = get(port, path);
    if (answer.status == status) return answer;
    if (std::chrono::steady_clock::now() > deadline) fail(path + " did not become " + std::to_string(status));
    poll(nullptr, 0, 10);
  }
}

TEST_CASE("what commands do is in the metrics") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  for (int i = 0; i < 3; ++i) REQUIRE(lab.exec("true").code == 0);
  auto answer = get(port, "/actuator/prometheus");
  CHECK(answer.status == 200);
  CHECK(valueOf(answer.body, "cbsession_queue_accepted_total") == "3");
  CHECK(valueOf(answer.body, "ssh_connection_creation_count_total") == "1");
  CHECK(valueOf(answer.body, "ssh_connection_reuse_count_total") == "2");
  CHECK(valueOf(answer.body, "ssh_connection_idle_count") == "1");
}

TEST_CASE("health is served, and details of it") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  auto health = get(port, "/api/health").body;
  bool onlyLate = contains(health, "\"code\":\"loopLag\"") && count(health, "\"code\":") == 1;  // on a busy machine
  CHECK((onlyLate || health == "{\"status\":\"healthy\",\"conditions\":[]}\n"));
  CHECK(get(port, "/api/health/live").status == 200);
  CHECK(get(port, "/api/health/ready").status == 200);
  CHECK(get(port, "/metrics", "evil.example").status == 421);
}

TEST_CASE("HEAD is answered as GET is, without the body") {
  uint16_t port = freePort();
  PrivateAgent agent(servingAt(port));
  agent.start();
  for (const char* path : {"/metrics", "/api/health", "/api/health/details"}) {
    auto answer = head(port, path);
    CHECK(answer.status == 200);
    CHECK(contains(answer.head, "\r\nContent-Length: "));
    CHECK(answer.body.empty());
  }
}

TEST_CASE("a daemon that drains is alive, and not ready") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto draining = lab.agent.startCli({"agent", "drain"});
  CHECK(contains(await(port, "/api/health/ready", 503).body, "draining"));
  CHECK(get(port, "/api/health/live").status == 200);
  CHECK(running.finish().code == 0);
}

TEST_CASE("a socket serves the owner and the group, and goes with the daemon") {
  TempFolder folder;
  auto path = folder.path("http.sock");
  PrivateAgent agent({.http = "listen = \"unix:" + path + "\""});
  agent.start();
  struct stat info {};
  REQUIRE(lstat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0660);
  CHECK(get(path, "/api/health/live").status == 200);
  agent.kill();
  CHECK(access(path.c_str(), F_OK) == 0);
  agent.start();
  CHECK(get(path, "/api/health/live").status == 200);
  agent.stop();
  CHECK(access(path.c_str(), F_OK) != 0);
}

TEST_CASE("if its port is taken the daemon works without, and serves there when it is free") {
  auto taken = boundSocket(1);
  uint16_t port = portOf(taken.get());
  Lab lab({}, servingAt(port));
  CHECK(lab.exec("echo fine").out == "fine\n");
  lab.agent.awaitLog("no metrics and health address=127.0.0.1:" + std::to_string(port) +
                     " detail=\"Address already in use\"");
  taken.close();
  CHECK(get(port, "/api/health/live").status == 200);
}

TEST_CASE("200 connections that say half of a request hold up neither commands nor a scrape") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  REQUIRE(lab.exec("true").code == 0);
  std::vector<UniqueFd> half;
  for (int i = 0; i < 200; ++i) {
    half.push_back(connectTo("127.0.0.1", port));
    send(half.back().get(), "GET /metr", 9, MSG_NOSIGNAL);
  }
  CHECK(lab.exec("echo fine").out == "fine\n");
  auto scrape = get(port, "/metrics");
  CHECK(scrape.status == 200);
  CHECK(valueOf(scrape.body, "cbsession_http_connections") == "64");
  CHECK(valueOf(scrape.body, "cbsession_http_turned_away_total{reason=\"room\"}") == "137");
  for (const UniqueFd& socket : half) readToEnd(socket);
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(openDescriptors(lab.agent.pid()) < 64);
}

TEST_CASE("a caller who never reads its answers is let go of") {
  uint16_t port = freePort();
  Lab lab({}, servingAt(port));
  auto greedy = connectTo("127.0.0.1", port);
  std::string requests;
  for (int i = 0; i < 90; ++i) requests += "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  send(greedy.get(), requests.data(), requests.size(), MSG_NOSIGNAL);
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(get(port, "/metrics").status == 200);
}

}  // namespace
}  // namespace cbs::test
