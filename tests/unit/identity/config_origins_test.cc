#include "agentd/identity/config_origins.h"

#include <catch2/catch_test_macros.hpp>

#include <map>

namespace cbs::identity {
namespace {

using Kind = ConfigStep::Kind;
using Steps = std::vector<ConfigStep>;
using Files = std::map<std::string, std::string>;

constexpr bool kNot = false;

AppliedLines walk(const Steps& steps, const Files& files) {
  return appliedLines(steps, [&](const std::string& path) -> Expected<std::string> {
    auto file = files.find(path);
    if (file == files.end()) return fail(ErrorKind::INTERNAL, Reason::NOT_FOUND, path);
    return file->second;
  });
}

// "keyword file:line" of each line, with "again" where it is the second reading.
std::string shown(const AppliedLines& applied) {
  std::string text;
  for (const auto& line : applied.lines) {
    text += line.keyword + " " + line.file + ":" + std::to_string(line.line) + (line.again ? " again" : "") + "\n";
  }
  return text + (applied.complete ? "" : "lost\n");
}

std::string shown(const Steps& steps, const Files& files) { return shown(walk(steps, files)); }

TEST_CASE("lines before the first block apply, and those of a Host that applies") {
  Files files = {{"c",
                  "# comment\nUser bob\n\nHost db\n  Port 1\nHost web1 web*\n  Port 2\n  Ciphers a\nHost *.org\n"
                  "  MACs m\nHost *\n  Port 3\n"}};
  CHECK(shown({{Kind::READ, "c"}, {Kind::HOST, "c", 6}, {Kind::HOST, "c", 11}}, files) ==
        "user c:2\nport c:7\nciphers c:8\nport c:12\n");
  CHECK(shown({{Kind::READ, "c"}}, files) == "user c:2\n");
}

TEST_CASE("every Match takes the next answer, whatever its criteria are") {
  Files files = {
      {"c",
       "Match host web1\n Port 1\nMatch user alice\n Port 2\nMatch exec \"test %h = x\"\n Port 3\nMatch all\n"
       " Port 4\nMATCH=final\n Port 5\nHost web1\n Port 6\n"}};
  CHECK(shown({{Kind::READ, "c"},
               {Kind::MATCH, "", 0, kNot},
               {Kind::MATCH},
               {Kind::MATCH},
               {Kind::MATCH},
               {Kind::MATCH, "", 0, kNot},
               {Kind::HOST, "c", 11}},
              files) == "port c:4\nport c:6\nport c:8\nport c:12\n");
}

TEST_CASE("the second reading comes after the first and has blocks of its own") {
  Files files = {{"c", "Port 1\nMatch final\n User bob\n"}};
  CHECK(shown({{Kind::READ, "c"}, {Kind::MATCH, "", 0, kNot}, {Kind::AGAIN}, {Kind::READ, "c"}, {Kind::MATCH}},
              files) == "port c:1\nport c:1 again\nuser c:3 again\n");
}

TEST_CASE("an Include stands for its files, in their order, and does not end the block that it is in") {
  Files files = {{"c", "Include d/* e\nHost web1\n Include n\n Port 9\n"},
                 {"d/a", "User a\nHost web1\n Port 1\n"},
                 {"d/b", "User b\nHost other\n Port 2\n"},
                 {"n", "MACs m\nHost other\n Port 3\nInclude nn\n"},
                 {"nn", "Ciphers x\nMatch all\n Ciphers y\nHost web1\n Port 4\n"}};
  CHECK(shown({{Kind::READ, "c"},
               {Kind::INCLUDE, "c", 1},
               {Kind::READ, "d/a"},
               {Kind::HOST, "d/a", 2},
               {Kind::INCLUDE, "c", 1},
               {Kind::READ, "d/b"},
               {Kind::INCLUDE, "c", 1},  // e cannot be opened
               {Kind::HOST, "c", 2},
               {Kind::INCLUDE, "c", 3},
               {Kind::READ, "n"},
               {Kind::INCLUDE, "n", 4, kNot},
               {Kind::READ, "nn"},
               {Kind::MATCH}},
              files) == "user d/a:1\nport d/a:3\nuser d/b:1\nmacs n:1\nport c:4\n");
}

TEST_CASE("the user's file comes before the system's, and each begins outside of any block") {
  Files files = {{"user", "Host other\n Port 1\n"}, {"system", "Port 2\n"}};
  CHECK(shown({{Kind::READ, "user"}, {Kind::READ, "system"}}, files) == "port system:1\n");
}

TEST_CASE("keywords are told by their present names in lower case, and values without quotes") {
  Files files = {{"c",
                  "USER=bob\n Port = 22\nIdentityFile \"a b\" # comment\nSetEnv A=\"x y\" 'B=\"q\"' C=1\\ 2\n"
                  "ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes x\n"}};
  auto applied = walk({{Kind::READ, "c"}}, files);
  CHECK(shown(applied) ==
        "user c:1\nport c:2\nidentityfile c:3\nsetenv c:4\nkbdinteractiveauthentication c:5\n"
        "pubkeyacceptedalgorithms c:6\n");
  REQUIRE(applied.lines.size() == 6);
  CHECK(applied.lines[0].words == std::vector<std::string>{"bob"});
  CHECK(applied.lines[1].words == std::vector<std::string>{"22"});
  CHECK(applied.lines[2].words == std::vector<std::string>{"a b"});
  CHECK(applied.lines[3].words == std::vector<std::string>{"A=x y", "B=\"q\"", "C=1 2"});
}

TEST_CASE("files that are not as the steps tell end the walk, and what was found before stays") {
  Files files = {{"c", "User bob\nMatch all\n Port 1\nHost web\n MACs m\n"}};
  CHECK(shown({{Kind::READ, "c"}}, files) == "user c:1\nlost\n");  // no answer for Match
  CHECK(shown({{Kind::READ, "c"}, {Kind::MATCH}, {Kind::HOST, "c", 3}}, files) == "user c:1\nport c:3\nlost\n");
  CHECK(shown({{Kind::READ, "c"}, {Kind::MATCH}, {Kind::MATCH}}, files) == "user c:1\nport c:3\nlost\n");
  CHECK(shown({{Kind::READ, "gone"}, {Kind::READ, "c"}}, files) == "lost\n");
  CHECK(shown({{Kind::HOST, "c", 4}}, files) == "lost\n");
  CHECK(shown(Steps{}, files).empty());
}

}  // namespace
}  // namespace cbs::identity
