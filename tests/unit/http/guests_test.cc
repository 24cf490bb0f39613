// Connections that are slow, broken, greedy or many.
#include "tests/support/text.h"
#include "tests/unit/http/http_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::http {
namespace {

using test::contains;

std::string firstLine(const std::string& text) { return text.substr(0, text.find("\r\n")); }

void say(HttpWorld& world, kj::AsyncIoStream& stream, const std::string& text) {
  stream.write(text.data(), text.size()).wait(world.scope);
  world.turn();
}

TEST_CASE("who says nothing, or only half of a request, is let go of after five seconds") {
  for (std::string begun : {"", "G", "GET /metrics HTTP/1.1\r\nHost: loc"}) {
    HttpWorld world;
    auto stream = world.connect();
    if (!begun.empty()) say(world, *stream, begun);
    world.pass(4);
    CHECK(world.guests.count() == 1);
    auto rest = stream->readAllText();
    world.pass(2);
    CHECK(world.guests.count() == 0);
    rest.wait(world.scope);
  }
}

TEST_CASE("a header that comes a byte at a time does not buy time") {
  HttpWorld world;
  auto stream = world.connect();
  say(world, *stream, "GET / HTTP/1.1\r\nX: ");
  for (int i = 0; i < 4; ++i) {
    world.pass(1);
    say(world, *stream, "y");
  }
  CHECK(world.guests.count() == 1);
  world.pass(2);
  CHECK(world.guests.count() == 0);
}

TEST_CASE("a connection is kept for thirty seconds of silence between requests, and for a hundred requests") {
  HttpWorld world;
  auto stream = world.connect();
  char buffer[4096];
  auto askOnce = [&]() {
    say(world, *stream, "GET /api/health/live HTTP/1.1\r\n\r\n");
    return std::string(buffer, stream->tryRead(buffer, 1, sizeof(buffer)).wait(world.scope));
  };
  CHECK(firstLine(askOnce()) == "HTTP/1.1 200 OK");
  auto body = stream->tryRead(buffer, 1, sizeof(buffer));
  world.turn();
  world.pass(29);
  CHECK(world.guests.count() == 1);
  world.pass(2);
  CHECK(world.guests.count() == 0);

  std::string many;
  for (int i = 0; i < 150; ++i) many += "GET /api/health/live HTTP/1.1\r\n\r\n";
  auto answers = world.ask(many);
  CHECK(test::count(answers, "HTTP/1.1 200 OK") == 100);
  CHECK(contains(answers, "Connection: close\r\n"));
}

TEST_CASE("a client that asks for it has its connection closed after the answer") {
  HttpWorld world;
  auto stream = world.connect();
  say(world, *stream, "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");
  auto answer = stream->readAllText().wait(world.scope);
  CHECK(contains(answer.cStr(), "Connection: close\r\n"));
  CHECK(world.guests.count() == 0);
  stream = world.connect();
  say(world, *stream, "GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(firstLine(stream->readAllText().wait(world.scope).cStr()) == "HTTP/1.1 404 Not Found");
}

TEST_CASE("what is no HTTP is answered as such") {
  HttpWorld world;
  CHECK(firstLine(world.ask("\x16\x03\x01 hello\r\n\r\n")) == "HTTP/1.1 501 Not Implemented");
  CHECK(firstLine(world.ask("GET / HTTP/1.1\r\nno colon\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(firstLine(world.get("/api/health/live")) == "HTTP/1.1 200 OK");
  CHECK(world.guests.count() == 0);
}

TEST_CASE("a request with a body is refused") {
  HttpWorld world;
  CHECK(firstLine(world.ask("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")) ==
        "HTTP/1.1 413 Payload Too Large");
  CHECK(firstLine(world.ask("POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) ==
        "HTTP/1.1 413 Payload Too Large");
  auto stream = world.connect();
  say(world, *stream, "PUT / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n");
  auto rest = stream->readAllText();
  world.pass(3);
  CHECK(firstLine(rest.wait(world.scope).cStr()) == "HTTP/1.1 413 Payload Too Large");
  CHECK(world.guests.count() == 0);
}

TEST_CASE("headers of more than 16 KiB are refused") {
  HttpWorld world;
  std::string request = "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n";
  auto stream = world.connect();
  auto written = stream->write(request.data(), request.size()).eagerlyEvaluate([](kj::Exception&&) {});
  auto answer = stream->readAllText();
  CHECK(firstLine(answer.wait(world.scope).cStr()) == "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(world.guests.count() == 0);
}

TEST_CASE("who never reads the answer is let go of after ten seconds, and holds up nobody") {
  HttpWorld world;
  auto stream = world.connect();
  say(world, *stream, "GET /metrics HTTP/1.1\r\n\r\n");
  world.pass(9);
  CHECK(world.guests.count() == 1);
  CHECK(firstLine(world.get("/metrics")) == "HTTP/1.1 200 OK");
  world.pass(2);
  CHECK(world.guests.count() == 0);
}

TEST_CASE("for one more than 64 the oldest has to go, but never one that is being answered") {
  HttpWorld world;
  world.daemon.holdBack();
  auto asking = world.connect();
  say(world, *asking, "GET /metrics HTTP/1.1\r\n\r\n");
  std::vector<kj::Own<kj::AsyncIoStream>> silent;
  for (size_t i = 1; i < Guests::kMost; ++i) silent.push_back(world.connect());
  auto closed = silent[0]->readAllText();
  CHECK(world.guests.count() == Guests::kMost);
  world.guests.whenRoom().wait(world.scope);
  CHECK(world.guests.count() == Guests::kMost - 1);
  CHECK(closed.poll(world.scope));
  CHECK(firstLine(world.get("/api/health/live")) == "HTTP/1.1 200 OK");
  world.daemon.letGo();
  asking->shutdownWrite();
  CHECK(firstLine(asking->readAllText().wait(world.scope).cStr()) == "HTTP/1.1 200 OK");
}

TEST_CASE("a page that had its own name lead to loopback is told nothing") {
  HttpWorld world;
  world.house.checkHost = true;
  for (std::string host : {"evil.example", "evil.example:9461", "localhost.evil.example", "127.0.0.1.evil.example",
                           "[::1", "localhost:x", "localhost, evil.example"}) {
    CHECK(firstLine(world.ask("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n")) ==
          "HTTP/1.1 421 Misdirected Request");
  }
  for (std::string host : {"localhost", "LOCALHOST:9461", "127.0.0.1:9461", "[::1]:9461", "10.1.2.3"}) {
    CHECK(firstLine(world.ask("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n")) == "HTTP/1.1 200 OK");
  }
  CHECK(firstLine(world.ask("GET /metrics HTTP/1.0\r\n\r\n")) == "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace cbs::http
