// The audit log, and the secrets that are in no log at all.
#include "tests/support/account.h"
#include "tests/support/lab.h"
#include "tests/support/sitting.h"
#include "tests/support/text.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>

namespace cbs::test {
namespace {

AgentSettings audited(const std::string& file, const std::string& more = "") {
  return {.rest = "[log]\naudit_file = \"" + file + "\"\n" + more};
}

TEST_CASE("a command is on record while it runs, and its end afterwards") {
  TempFolder folder;
  auto file = folder.path("audit.jsonl");
  Lab lab({}, audited(file));
  auto command = lab.agent.startCli({"exec", "-i", "-e", "TOKEN=a-value", "web1", "cat"});
  command.write("typed in\n");
  command.out().until("typed in\n");
  auto begun = readFile(file);
  CHECK(command.finish().code == 0);
  REQUIRE(lab.agent.cli({"disconnect", "web1"}).code == 0);
  lab.agent.stop();
  auto all = readFile(file);
  INFO(all);
  CHECK(count(begun, "\n") == 1);
  CHECK(contains(begun, R"("event":"begin","uid":)"));
  CHECK(contains(begun, R"("remote_user":")" + lab.sshd.user() + R"(","command":"cat","variables":"TOKEN"})"));
  CHECK(contains(all, R"("outcome":"exited","status":0,)"));
  CHECK(contains(all, R"("event":"disconnect")"));
  CHECK_FALSE(contains(all, "typed in"));
  CHECK_FALSE(contains(all, "a-value"));
  struct stat status;
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("transfers, listings and jobs are on record, with their paths and commands") {
  TempFolder folder;
  auto file = folder.path("audit.jsonl");
  Lab lab({}, audited(file));
  auto place = folder.makeFolder("files", 0777);
  chmod(place.c_str(), 0777);
  REQUIRE(lab.agent.cli({"upload", lab.agent.configFile(), "web1:" + place + "/x"}).code == 0);
  REQUIRE(lab.agent.cli({"ls", "web1:" + place}).code == 0);
  auto id = lab.agent.cli({"submit", "web1", "echo from a job"}).out.substr(0, 16);
  REQUIRE(lab.agent.cli({"wait", id}).code == 0);
  lab.agent.stop();
  auto all = readFile(file);
  INFO(all);
  CHECK(contains(all, R"("kind":"upload")"));
  CHECK(contains(all, R"("to":[")" + place + R"(/x"])"));
  CHECK(contains(all, R"("paths":[")" + place + R"("])"));
  CHECK(contains(all, R"("event":"submitted")"));
  CHECK(count(all, R"("command":"echo from a job")") == 3);  // asked for, taken, sent
  CHECK(contains(all, R"("id":")" + id + R"(","kind":"job","target":"web1","host":)"));
}

TEST_CASE("nothing is run that cannot be put on record") {
  TempFolder folder;
  auto ran = folder.makeFolder("ran", 0777);
  chmod(ran.c_str(), 0777);
  Lab lab({}, audited(folder.path("gone/audit.jsonl")));
  auto result = lab.exec("touch " + ran + "/it");
  INFO(result.err);
  CHECK(result.code == 244);
  CHECK(contains(result.err, "it cannot be put on record in the audit log"));
  CHECK(lab.agent.cli({"ls", "web1:/tmp"}).code == 244);
  CHECK(lab.agent.cli({"submit", "web1", "touch " + ran + "/it"}).code == 244);
  CHECK_FALSE(std::filesystem::exists(ran + "/it"));
  folder.makeFolder("gone");
  CHECK(lab.exec("touch " + ran + "/it").code == 0);
  CHECK(std::filesystem::exists(ran + "/it"));
}

// Everything that a daemon has written, but for jobs' own commands.
std::string written(const PrivateAgent& agent, const TempFolder& logs) {
  std::string all = agent.log();
  for (const auto& entry : std::filesystem::directory_iterator(logs.path())) all += readFile(entry.path());
  return all;
}

TEST_CASE("no secret is in any log") {
  if (geteuid() != 0) SKIP("only root can give an account a password");
  AccountPassword password;
  for (const std::string format : {"text", "json"}) {
    INFO(format);
    TempFolder logs;
    Sshd sshd({.lines = {"UsePAM yes", "PasswordAuthentication yes"}});
    PrivateAgent agent(audited(
        logs.path("audit"), "level = \"debug\"\nformat = \"" + format + "\"\nfile = \"" + logs.path("log") + "\"\n"));
    auto key = agent.folder().path("locked");
    for (auto* suffix : {"", ".pub"}) runProgram({"cp", sshd.keyFile() + suffix, key + suffix});
    runProgram({"ssh-keygen", "-q", "-p", "-P", "", "-N", "pass-4711", "-f", key});
    agent.addHost("typed", sshd, "PubkeyAuthentication no\n  PreferredAuthentications password");
    agent.addHost("locked", sshd, "IdentityFile " + key + "\n  IdentitiesOnly yes\n  IdentityAgent none");
    agent.addHost("web1", sshd);
    agent.start();

    Sitting wrong(agent, {"exec", "--ask-pass", "typed", "true"});
    wrong.answer("Password: ", "mistyped-4711");
    wrong.answer("\r\n(" + sshd.user() + "@typed) Password: ", password.text());
    CHECK(wrong.wait().code == 0);
    Sitting unlocking(agent, {"exec", "locked", "echo in"});
    unlocking.answer("Enter passphrase", "pass-4711");
    CHECK(unlocking.wait().code == 0);
    auto fed = agent.startCli({"exec", "-i", "-e", "TOKEN=value-4711", "web1", "cat >&2; echo $TOKEN; exit 5"});
    CHECK(fed.finishWithInput("stdin-4711").code == 5);
    CHECK(agent.cli({"exec", "web1", "echo argument-4711; kill -9 $$"}).code == 137);
    CHECK(agent.cli({"exec", "--timeout", "300ms", "web1", "sleep 60; : argument-4711"}).code == 245);
    auto place = logs.makeFolder("files", 0777);
    chmod(place.c_str(), 0777);
    auto content = agent.folder().write("content", "content-4711", 0600);
    CHECK(agent.cli({"upload", content, "web1:" + place + "/up"}).code == 0);
    CHECK(agent.cli({"copy", "web1:" + place + "/up", "web1:" + place + "/copied"}).code == 0);
    CHECK(agent.cli({"download", "web1:" + place + "/copied", content + ".back"}).code == 0);
    CHECK(readFile(content + ".back") == "content-4711");
    CHECK(agent.cli({"download", "web1:" + place + "/nothing", content + ".none"}).code != 0);
    CHECK(agent.cli({"ls", "web1:" + place}).code == 0);
    auto job = agent.cli({"submit", "-e", "TOKEN=value-4711", "web1", "echo argument-4711 $TOKEN; exit 6"});
    REQUIRE(job.code == 0);
    CHECK(agent.cli({"wait", job.out.substr(0, 16)}).code == 6);
    agent.stop();
    std::filesystem::remove_all(place);

    auto all = written(agent, logs);
    CHECK(contains(all, "begun"));
    for (auto* what : {"upload", "download", "copy", "list", "job"}) {
      CHECK(contains(readFile(logs.path("log")), (format == "json" ? "\"kind\":\"" : "kind=") + std::string(what)));
    }
    for (const std::string& secret :
         {password.text(), std::string("mistyped-4711"), std::string("pass-4711"), std::string("value-4711"),
          std::string("stdin-4711"), std::string("content-4711"), readFile(key).substr(40, 60)}) {
      INFO(secret);
      CHECK(count(all, secret) == 0);
    }
    CHECK(contains(readFile(logs.path("audit")), "argument-4711"));
    CHECK_FALSE(contains(agent.log() + readFile(logs.path("log")), "argument-4711"));
  }
}

}  // namespace
}  // namespace cbs::test
