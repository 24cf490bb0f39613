// What the daemon writes down, and what it does not.
#include "tests/support/lab.h"
#include "tests/support/small_disk.h"
#include "tests/support/text.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace cbs::test {
namespace {

// In the brackets at the end of a sentence.
std::string idIn(const std::string& sentence) {
  size_t open = sentence.rfind('[');
  bool atEnd = open != sentence.npos && sentence.size() == open + 19 && sentence.substr(open + 17) == "]\n";
  return atEnd ? sentence.substr(open + 1, 16) : "";
}

std::string lineWith(const std::string& text, const std::string& part) {
  size_t at = text.find(part);
  if (at == text.npos) return "";
  size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

AgentSettings logging(const std::string& lines) { return {.rest = "[log]\n" + lines}; }

TEST_CASE("a failure ends with the id by which the log knows it") {
  Lab lab;
  lab.agent.addUnknownHost("down", 1);
  auto command = lab.agent.cli({"exec", "down", "true"});
  INFO(command.err);
  CHECK(command.code == 241);
  auto id = idIn(command.err);
  REQUIRE_FALSE(id.empty());

  auto upload = lab.agent.cli({"upload", lab.agent.configFile(), "down:/tmp/x"});
  auto listing = lab.agent.cli({"ls", "down:/tmp"});
  INFO(upload.err);
  INFO(listing.err);
  REQUIRE_FALSE(idIn(upload.err).empty());
  REQUIRE_FALSE(idIn(listing.err).empty());
  lab.agent.stop();

  auto log = lab.agent.log();
  INFO(log);
  auto line = lineWith(log, " info commands: ended id=" + id);
  CHECK(contains(line, " kind=exec target=down host=127.0.0.1:1 "));
  CHECK(contains(line, " outcome=notSent error=unreachable reason=connectionRefused "));
  CHECK(contains(line, " pid="));
  CHECK(contains(lineWith(log, " info pool: failed host=down"), " id=" + id + " "));
  CHECK(contains(lineWith(log, "ended id=" + idIn(upload.err)), " info transfers: ended "));
  CHECK(contains(lineWith(log, "ended id=" + idIn(listing.err)), " kind=list "));
}

TEST_CASE("a command's line tells how it went, and nothing of the command itself") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "--output", "json", "web1", "--", "exit 3"});
  REQUIRE(result.code == 3);
  size_t at = result.out.find("\"id\":\"");
  REQUIRE(at != result.out.npos);
  auto id = result.out.substr(at + 6, 16);
  lab.agent.stop();
  auto log = lab.agent.log();
  INFO(log);
  CHECK(contains(lineWith(log, "pool: connected host=web1"), " id=" + id + " ms="));
  CHECK(contains(lineWith(log, "commands: ended id=" + id),
                 " outcome=exited status=3 attempts=1 reused=false queue_ms="));
  CHECK_FALSE(contains(log, "exit 3"));
}

TEST_CASE("the log tells why a connection was closed, and when a breaker opens and closes") {
  Lab lab({}, {.rest = "[breaker]\nfailure_threshold = 1\n"});
  lab.agent.addUnknownHost("down", 1);
  REQUIRE(lab.exec("true").code == 0);
  REQUIRE(lab.agent.cli({"disconnect", "web1"}).code == 0);
  REQUIRE(lab.exec("true").code == 0);  // by then the other one is closed
  REQUIRE(lab.agent.cli({"exec", "down", "true"}).code == 241);
  REQUIRE(lab.agent.cli({"breaker", "reset", "down"}).code == 0);
  lab.agent.stop();
  auto log = lab.agent.log();
  INFO(log);
  CHECK(contains(lineWith(log, " info pool: closed host=web1 address=127.0.0.1:"), " served=1"));
  CHECK(contains(log, " warn pool: breaker state=open host=down address=127.0.0.1:1 reason=connectionRefused "));
  CHECK(contains(log, " warn pool: breaker state=open address=127.0.0.1:1 "));
  CHECK(contains(log, " info pool: breaker state=closed host=down "));
  CHECK(contains(log, " info callers: breaker reset "));
}

TEST_CASE("a job's attempts and its end have its id in the log") {
  Lab lab;
  auto id = lab.agent.cli({"submit", "web1", "exit 4"}).out.substr(0, 16);
  CHECK(lab.agent.cli({"wait", id}).code == 4);
  lab.agent.stop();
  auto log = lab.agent.log();
  INFO(log);
  CHECK(contains(lineWith(log, "jobs: submitted id=" + id), " target=web1 "));
  CHECK(contains(lineWith(log, "jobs: ended id=" + id), " attempts=1 status=4"));
}

TEST_CASE("a daemon that the CLI has started logs to a file in the state folder") {
  PrivateAgent agent;
  REQUIRE(agent.cli({"agent", "start"}).code == 0);
  REQUIRE(agent.cli({"agent", "stop"}).code == 0);
  auto file = agent.folder().path("state") + "/cbsession/agentd.log";
  struct stat status;
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  auto log = readFile(file);
  INFO(log);
  CHECK(contains(log, " info app: ready socket=" + agent.socket() + " "));
  CHECK(contains(log, " info app: ended"));
}

TEST_CASE("a log that cannot be written is told of on standard error when the daemon starts, and it serves") {
  TempFolder folder;
  auto file = folder.path("gone/log"), audit = folder.path("gone/audit");
  Lab lab({}, logging("file = \"" + file + "\"\naudit_file = \"" + audit + "\"\n"));
  CHECK(lab.agent.cli({"health"}).code != 240);
  lab.agent.stop();
  INFO(lab.agent.log());
  CHECK(contains(lab.agent.log(), "the log cannot be written: " + file + ": No such file or directory\n"));
  CHECK(contains(lab.agent.log(), "the audit log cannot be written: " + audit + ": No such file or directory\n"));
}

TEST_CASE("a reload changes what is logged, and opens a file anew that was moved away") {
  TempFolder folder;
  auto file = folder.path("log");
  Lab lab({}, logging("file = \"" + file + "\"\n"));
  REQUIRE(lab.exec("true").code == 0);
  std::filesystem::rename(file, file + ".old");
  std::ofstream(lab.agent.configFile(), std::ios::app) << "commands = \"debug\"\nformat = \"json\"\n";
  REQUIRE(lab.agent.cli({"agent", "reload"}).code == 0);
  REQUIRE(lab.exec("true").code == 0);
  lab.agent.stop();
  auto before = readFile(file + ".old"), after = readFile(file);
  INFO(before);
  INFO(after);
  CHECK(contains(before, " commands: ended "));
  CHECK_FALSE(contains(before, "begun"));
  CHECK(contains(after, R"("level":"debug","category":"commands","event":"begun","id":")"));
  CHECK(contains(after, R"("word":"true")"));
}

TEST_CASE("a full disk under the log stops no command, and the log tells of what it has lost") {
  TempFolder folder;
  SmallDisk disk(folder.makeFolder("disk"), 64 << 10);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  auto file = folder.path("disk/log");
  std::ofstream(folder.path("disk/filler")) << std::string(60 << 10, 'x') << std::flush;
  std::ofstream(folder.path("disk/rest"), std::ios::app) << std::string(60 << 10, 'x') << std::flush;
  Lab lab({}, logging("file = \"" + file + "\"\n"));
  for (int i = 0; i < 5; ++i) CHECK(lab.exec("echo fine").out == "fine\n");
  for (auto* name : {"disk/filler", "disk/rest"}) std::filesystem::remove(folder.path(name));
  CHECK(lab.exec("echo fine").out == "fine\n");
  lab.agent.stop();
  INFO(readFile(file));
  CHECK(contains(readFile(file), " warn app: lines lost lines="));
}

}  // namespace
}  // namespace cbs::test
