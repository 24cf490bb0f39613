#include "cli/fanout/text_presenters.h"

#include "tests/unit/cli/fan_out_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using schema::OutputStream;

// Hosts whose output is shown in lines.
struct Lines {
  explicit Lines(bool terminal = false, bool colours = false,
                 std::vector<std::string> names = {"web1", "database", "c"})
      : targets(std::move(names)), console(terminal, colours) {}

  void print(uint32_t host, std::string_view text, OutputStream stream = OutputStream::STDOUT) {
    REQUIRE(presenter->output(host, stream, bytesOf(text)).take().has_value());
  }
  void end(uint32_t host, const HostEnd& end = exitedWith(0)) {
    REQUIRE(presenter->ended(host, end).take().has_value());
  }

  std::vector<std::string> targets;
  std::string command = "x";
  FakeConsole console;
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  std::unique_ptr<Presenter> presenter = makeLinePresenter({targets, command, console, loop});
};

TEST_CASE("each line has its host's name before it, on the stream that it came on") {
  Lines lines;
  lines.print(0, "one\ntwo\n\n");
  lines.print(1, "oops\n", OutputStream::STDERR);
  CHECK(lines.console.out == "web1: one\nweb1: two\nweb1: \n");
  CHECK(lines.console.err == "database: oops\n");
}

TEST_CASE("a line that comes in pieces is shown whole, with no other host's in it") {
  Lines lines;
  lines.print(0, "be");
  lines.print(1, "other\n");
  lines.print(0, "gun", OutputStream::STDERR);
  lines.print(0, "fore\nnext\nla");
  CHECK(lines.console.out == "database: other\nweb1: before\nweb1: next\n");
  CHECK(lines.console.err.empty());
  lines.end(0);
  CHECK(lines.console.out == "database: other\nweb1: before\nweb1: next\nweb1: la\n");
  CHECK(lines.console.err == "web1: gun\n");
}

TEST_CASE("where there is no terminal, bytes are passed on as they are") {
  Lines lines;
  std::string bytes("a\0\r\xff\x1b[31m\rb\r\n", 13);
  lines.print(0, bytes);
  CHECK(lines.console.out == "web1: " + bytes);
}

TEST_CASE("on a terminal names are aligned, and no line can hide a name or colour what follows") {
  Lines lines(true);
  lines.print(0, "a\r\nb\rc\r\rd\n\re\n");
  CHECK(lines.console.out == "web1:     a\nweb1:     b\nweb1:     c\nweb1:     d\nweb1:     e\n");
  lines.console.out.clear();
  lines.print(1, "\x1b[31mred\nplain\n");
  CHECK(lines.console.out == "database: \x1b[31mred\x1b[m\ndatabase: plain\n");
}

TEST_CASE("a carriage return and its newline may come apart") {
  Lines lines(true, false, {"h"});
  lines.print(0, "10%\r");
  CHECK(lines.console.out.empty());
  lines.print(0, "\nnext\r");
  CHECK(lines.console.out == "h: 10%\n");
  lines.print(0, "more");
  CHECK(lines.console.out == "h: 10%\nh: next\n");
  lines.print(0, "\x1b[1m");
  lines.end(0);
  CHECK(lines.console.out == "h: 10%\nh: next\nh: more\x1b[1m\x1b[m\n");
}

TEST_CASE("a name that is longer than the column stands by itself, and each host has its colour") {
  Lines lines(true, true, {std::string(40, 'n'), "a"});
  lines.print(0, "x\n");
  lines.print(1, "y\n");
  CHECK(lines.console.out ==
        "\x1b[36m" + std::string(40, 'n') + ":\x1b[m x\n\x1b[33ma:\x1b[m" + std::string(30, ' ') + "y\n");
}

TEST_CASE("a line may be longer than what is kept in memory") {
  Lines lines;
  std::string piece(1 << 20, 'x');
  for (int i = 0; i < 40; ++i) lines.print(0, piece);
  lines.print(1, "between\n");
  lines.print(0, "end\n");
  CHECK(lines.console.out.size() == std::string("database: between\nweb1: end\n").size() + 40 * piece.size());
  CHECK(lines.console.out.substr(0, 28) == "database: between\nweb1: xxxx");
  CHECK(lines.console.out.substr(lines.console.out.size() - 5) == "xend\n");
  CHECK(lines.console.largest < 200'000);
}

TEST_CASE("of a host that has failed a sentence says how, of one that never began or is well none") {
  Lines lines;
  lines.end(0, exitedWith(3));
  CHECK(lines.console.err == "cbsession: web1: exited with 3\n");
  lines.console.err.clear();
  lines.end(1, notSent(ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED));
  CHECK(lines.console.err.find("cbsession: database: connection refused. Next: ") == 0);
  lines.console.err.clear();
  lines.end(2, notSent(ErrorKind::CANCELLED, Reason::FAILURES_EXCEEDED));
  CHECK(lines.console.err + lines.console.out == "");
}

TEST_CASE("of a host that is well and has printed nothing, nothing is shown") {
  Lines lines;
  lines.end(0);
  CHECK(lines.console.err + lines.console.out == "");
}

}  // namespace
}  // namespace cbs::cli
