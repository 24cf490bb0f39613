#include "agentd/core/remote_command.h"

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <random>

namespace cbs::core {
namespace {

struct Ran {
  std::string output;
  int status;
  bool operator==(const Ran&) const = default;
};

// Runs a line as sshd does: SHELL -c LINE, in the home directory.
Ran run(const char* shell, const std::string& line, const std::string& home = "/tmp") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    setenv("HOME", home.c_str(), 1);
    setenv("CDPATH", "/usr", 1);
    if (chdir(home.c_str()) == 0) execl(shell, shell, "-c", line.c_str(), nullptr);
    _exit(99);
  }
  close(ends[1]);
  Ran ran{};
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof(buffer))) > 0;)
    ran.output.append(buffer, static_cast<size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

std::vector<const char*> shells() {
  std::vector<const char*> found;
  for (const char* shell : {"/bin/sh", "/bin/dash", "/bin/bash", "/bin/zsh", "/bin/ksh"}) {
    if (access(shell, X_OK) == 0) found.push_back(shell);
  }
  return found;
}

std::string lineOf(const RemoteCommand& command) {
  auto line = remoteCommandLine(command);
  REQUIRE(line);
  return *line;
}

void requireEverywhere(const RemoteCommand& command, const Ran& expected) {
  for (const char* shell : shells()) {
    INFO(shell);
    REQUIRE(run(shell, lineOf(command)) == expected);
  }
}

// Words that shells love to misread.
const std::vector<std::string> kNasty = {"",
                                         " ",
                                         "'",
                                         "\"",
                                         "''",
                                         "a'b'c",
                                         "$HOME",
                                         "$(id)",
                                         "`id`",
                                         "\\",
                                         "\\n",
                                         "a\nb",
                                         "\n",
                                         "*",
                                         "?",
                                         "[a-z]",
                                         "{a,b}",
                                         "~",
                                         "~root",
                                         "!",
                                         "!!",
                                         "#",
                                         "# x",
                                         "-n",
                                         "--",
                                         "-",
                                         ";",
                                         "&",
                                         "|",
                                         ">",
                                         "<",
                                         "(",
                                         ")",
                                         "a=b",
                                         "=ls",
                                         "%self",
                                         "^x",
                                         "\t",
                                         "\r",
                                         "\x01",
                                         "\x7f",
                                         "\xff\xfe",
                                         "\xc3(",
                                         "grün",
                                         "日本語",
                                         "💥",
                                         "'; exit 3; '",
                                         "\\'",
                                         "\"$(id)\"",
                                         "$'\\n'",
                                         "${x}",
                                         "if",
                                         "\xe2\x80\xa8",
                                         "a b  c",
                                         "'\n'"};

TEST_CASE("a line alone is passed on untouched") {
  for (std::string line : {"uptime", "a 'b", "  x # y", "\n\n", "echo \xff"}) REQUIRE(lineOf({.line = line}) == line);
}

TEST_CASE("plain words stay readable") {
  REQUIRE(lineOf({.argv = {"systemctl", "restart", "web-1.service", "/etc/x:1", "a@b,c+d"}}) ==
          "systemctl restart web-1.service /etc/x:1 a@b,c+d");
}

TEST_CASE("every word reaches the program as it is, in every shell there is") {
  for (const std::string& word : kNasty) {
    INFO(word);
    requireEverywhere({.argv = {"printf", "<%s>", word, "end"}}, {"<" + word + "><end>", 0});
  }
}

TEST_CASE("random bytes reach the program as they are") {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    std::string word(1 + random() % 200, 'x');
    for (char& c : word) c = static_cast<char>(1 + random() % 255);
    requireEverywhere({.argv = {"printf", "%s.", word}}, {word + ".", 0});
  }
}

TEST_CASE("a program whose name is a word of the shell's, or an assignment, is looked for as a program") {
  for (std::string name : {"if", "while", "{", "}", "!", "[[", "A=b", "select", "then", "function"}) {
    INFO(name);
    for (const char* shell : shells()) REQUIRE(run(shell, lineOf({.argv = {name}}) + " 2>/dev/null").status == 127);
  }
}

TEST_CASE("variables are set for the command, whatever their bytes") {
  for (const std::string& value : kNasty) {
    INFO(value);
    requireEverywhere({.argv = {"sh", "-c", "printf '%s.%s' \"$CBS_X\" \"$CBS_Y\""},
                       .environment = {{"CBS_X", value}, {"CBS_Y", "2"}}},
                      {value + ".2", 0});
  }
}

TEST_CASE("a line stays whole behind variables and a directory: comments, continuations, here-documents") {
  auto with = [](std::string line) {
    return RemoteCommand{.line = std::move(line), .environment = {{"V", "v"}}, .workingDirectory = "/"};
  };
  requireEverywhere(with("echo $V; exit 7 # why"), {"v\n", 7});
  requireEverywhere(with("cat <<EOF\n$V\nEOF"), {"v\n", 0});
  requireEverywhere(with("false || pwd"), {"/\n", 0});
  requireEverywhere(with("echo a \\\n b"), {"a b\n", 0});
  requireEverywhere(with("false"), {"", 1});
}

TEST_CASE("the command runs in its directory, however that is called") {
  char pattern[] = "/tmp/cbs-cwd-XXXXXX";
  std::string home = mkdtemp(pattern);
  for (std::string name : {"-", "--", "-P", "share", "a b", "it's", "$HOME", "x\ny", "~"}) {
    std::filesystem::create_directory(home + "/" + name);
    for (const char* shell : shells()) {
      INFO(shell << " " << name);
      for (const std::string& path : {home + "/" + name, name == "~" ? "./~" : name, "~/" + name}) {
        REQUIRE(run(shell, lineOf({.line = "pwd", .workingDirectory = path}), home) ==
                Ran{home + "/" + name + "\n", 0});
      }
    }
  }
  for (const char* shell : shells()) {
    REQUIRE(run(shell, lineOf({.line = "pwd", .workingDirectory = "~"}), home) == Ran{home + "\n", 0});
  }
  std::filesystem::remove_all(home);
}

TEST_CASE("a directory that cannot be entered ends with 126, and the command does not run") {
  for (const char* shell : shells()) {
    auto line = "exec 2>/dev/null\n" + lineOf({.line = "echo ran", .workingDirectory = "/no/such/folder"});
    REQUIRE(run(shell, line) == Ran{"", 126});
  }
}

void requireRefused(const RemoteCommand& command) {
  auto line = remoteCommandLine(command);
  REQUIRE_FALSE(line);
  REQUIRE(line.error().kind == ErrorKind::USAGE);
  REQUIRE(line.error().reason == Reason::BAD_REQUEST);
}

TEST_CASE("what no shell could run is refused") {
  std::string nul("a\0b", 3);
  requireRefused({});
  requireRefused({.line = nul});
  requireRefused({.argv = {"echo", nul}});
  requireRefused({.line = "x", .environment = {{"A", nul}}});
  requireRefused({.line = "x", .workingDirectory = nul});
}

TEST_CASE("a name that no variable can have is refused and shown without its odd bytes") {
  for (std::string name : {"", "1A", "A-B", "A B", "A=B", "Ä", "A;id", "A\nB", "$A"}) {
    requireRefused({.line = "x", .environment = {{name, "v"}}});
  }
  auto refused = remoteCommandLine({.line = "x", .environment = {{"A\x1b[31m\xff", "v"}}});
  REQUIRE(refused.error().detail.starts_with("\"A?[31m?\" cannot be the name of a variable"));
}

TEST_CASE("a command that is as long as allowed passes, and one byte more is refused with a way out") {
  REQUIRE(remoteCommandLine({.line = std::string(kLongestCommand, 'x')}));
  requireRefused({.line = std::string(kLongestCommand + 1, 'x')});
  requireRefused({.argv = {"echo", std::string(kLongestCommand, '\'')}});
  REQUIRE(remoteCommandLine({.line = std::string(40'000, 'x')}).error().detail.find("sh -s") != std::string::npos);
}

}  // namespace
}  // namespace cbs::core
