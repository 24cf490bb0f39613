// What is answered over HTTP.
#include "tests/support/text.h"
#include "tests/unit/http/http_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::http {
namespace {

using test::contains;

std::string firstLine(const std::string& text) { return text.substr(0, text.find("\r\n")); }
std::string bodyOf(const std::string& text) { return text.substr(text.find("\r\n\r\n") + 4); }

TEST_CASE("metrics are served at both paths, in Prometheus' own form") {
  for (const char* path : {"/metrics", "/actuator/prometheus", "/metrics?name=x"}) {
    HttpWorld world;
    auto answer = world.get(path);
    CHECK(firstLine(answer) == "HTTP/1.1 200 OK");
    CHECK(contains(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    CHECK(contains(answer, "\nssh_connection_reuse_count_total 41\n"));
    CHECK(contains(answer, "\ncbsession_build_info{version=\"1.2.3\"} 1\n"));
    CHECK(contains(answer, "\n# TYPE cbsession_http_requests_total counter\n"));
  }
}

TEST_CASE("what is served is neither stored nor guessed at") {
  for (const char* path : {"/", "/metrics", "/api/health", "/nowhere"}) {
    HttpWorld world;
    auto answer = world.get(path);
    CHECK(contains(answer, "Cache-Control: no-store\r\n"));
    CHECK(contains(answer, "X-Content-Type-Options: nosniff\r\n"));
  }
}

TEST_CASE("health is 200 while it is healthy or degraded, and 503 when it is down") {
  using Status = schema::Health::Status;
  struct Row {
    Status status;
    std::string line, word;
  };
  for (const Row& row :
       {Row{Status::HEALTHY, "HTTP/1.1 200 OK", "healthy"}, Row{Status::DEGRADED, "HTTP/1.1 200 OK", "degraded"},
        Row{Status::DOWN, "HTTP/1.1 503 Service Unavailable", "down"}}) {
    HttpWorld world;
    world.daemon.status = row.status;
    for (const char* path : {"/api/health", "/api/health/details"}) {
      auto answer = world.get(path);
      CHECK(firstLine(answer) == row.line);
      CHECK(contains(answer, "Content-Type: application/json\r\n"));
      CHECK(contains(bodyOf(answer), "{\"status\":\"" + row.word + "\""));
    }
  }
}

TEST_CASE("who drains is alive and healthy enough, but not ready") {
  HttpWorld world;
  CHECK(firstLine(world.get("/api/health/ready")) == "HTTP/1.1 200 OK");
  world.daemon.status = schema::Health::Status::DEGRADED;
  world.daemon.condition = "breakersOpen";
  CHECK(firstLine(world.get("/api/health/ready")) == "HTTP/1.1 200 OK");
  world.daemon.condition = "draining";
  CHECK(firstLine(world.get("/api/health/ready")) == "HTTP/1.1 503 Service Unavailable");
  CHECK(bodyOf(world.get("/api/health/ready")) == "{\"status\":\"notReady\",\"reason\":\"draining\"}\n");
  CHECK(firstLine(world.get("/api/health/live")) == "HTTP/1.1 200 OK");
  CHECK(contains(bodyOf(world.get("/api/health")), "\"code\":\"draining\""));
}

TEST_CASE("details have numbers as numbers") {
  HttpWorld world;
  auto body = bodyOf(world.get("/api/health/details"));
  CHECK(contains(body, "\"uptimeMs\":5000"));
  CHECK(contains(body, "\"accepted\":7"));
  CHECK(contains(body, "\"host\":\"web1\""));
}

TEST_CASE("a daemon that does not tell is alive, and a scrape of it fails after five seconds") {
  HttpWorld world;
  world.daemon.holdBack();
  auto scrape = world.connect();
  std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  auto told = scrape->write(request.data(), request.size()).then([&]() {
    scrape->shutdownWrite();
    return scrape->readAllText();
  });
  CHECK(firstLine(world.get("/api/health/live")) == "HTTP/1.1 200 OK");
  world.pass(4);
  CHECK_FALSE(told.poll(world.scope));
  world.pass(2);
  CHECK(firstLine(told.wait(world.scope).cStr()) == "HTTP/1.1 503 Service Unavailable");
}

TEST_CASE("two scrapes at once gather once") {
  HttpWorld world;
  world.daemon.holdBack();
  std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  auto one = world.connect(), two = world.connect();
  for (auto* stream : {one.get(), two.get()}) stream->write(request.data(), request.size()).wait(world.scope);
  world.turn();
  world.daemon.letGo();
  one->shutdownWrite();
  two->shutdownWrite();
  auto first = one->readAllText(), second = two->readAllText();
  auto both = kj::joinPromises(kj::arr(first.ignoreResult(), second.ignoreResult()));
  both.wait(world.scope);
  CHECK(world.daemon.statsAsked == 1);
  world.daemon.holdBack();
  world.daemon.letGo();
  CHECK(firstLine(world.get("/metrics")) == "HTTP/1.1 200 OK");
  CHECK(world.daemon.statsAsked == 2);
}

TEST_CASE("who asks again and again for what is costly gets a fifth of the loop's time, and is answered all the same") {
  HttpWorld world;
  world.daemon.onStats = [&]() { world.timeUs += 100'000; };
  CHECK(firstLine(world.get("/metrics")) == "HTTP/1.1 200 OK");
  std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  auto one = world.connect(), two = world.connect();
  for (auto* stream : {one.get(), two.get()}) stream->write(request.data(), request.size()).wait(world.scope);
  world.turn();
  CHECK(world.daemon.statsAsked == 1);
  CHECK(firstLine(world.get("/api/health/live")) == "HTTP/1.1 200 OK");
  world.timer.advanceTo(world.timer.now() + 399 * kj::MILLISECONDS);
  world.turn();
  CHECK(world.daemon.statsAsked == 1);
  world.timer.advanceTo(world.timer.now() + 1 * kj::MILLISECONDS);
  world.turn();
  CHECK(world.daemon.statsAsked == 2);
  for (auto* stream : {one.get(), two.get()}) {
    stream->shutdownWrite();
    CHECK(firstLine(stream->readAllText().wait(world.scope).cStr()) == "HTTP/1.1 200 OK");
  }
}

TEST_CASE("hosts are asked for only if some are to have series of their own") {
  HttpWorld world;
  CHECK_FALSE(contains(world.get("/metrics"), "ssh_host_"));
  CHECK(world.daemon.hostsAsked == 0);
  world.config.perHost = "web*";
  CHECK(contains(world.get("/metrics"), "\nssh_host_commands_total{host=\"web1\"} 3\n"));
  CHECK(world.daemon.hostsAsked == 1);
}

TEST_CASE("the first page leads to the others, HEAD is GET without the body, and the rest is refused") {
  HttpWorld world;
  CHECK(contains(bodyOf(world.get("/")), "/api/health/ready"));
  auto head = world.ask("HEAD /metrics HTTP/1.1\r\n\r\n");
  CHECK(firstLine(head) == "HTTP/1.1 200 OK");
  CHECK(contains(head, "Content-Length: "));
  CHECK(bodyOf(head).empty());
  CHECK(firstLine(world.get("/nowhere")) == "HTTP/1.1 404 Not Found");
  CHECK(firstLine(world.get("/metrics/../etc")) == "HTTP/1.1 404 Not Found");
  auto deleted = world.ask("DELETE /metrics HTTP/1.1\r\n\r\n");
  CHECK(firstLine(deleted) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(contains(deleted, "Allow: GET, HEAD\r\n"));
}

}  // namespace
}  // namespace cbs::http
