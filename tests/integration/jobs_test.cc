// `cbsession submit` and what is done with jobs afterwards, on a real host.
#include "tests/support/lab.h"
#include "tests/support/small_disk.h"
#include "tests/support/text.h"

#include <signal.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>

namespace cbs::test {
namespace {

using std::chrono::seconds;

// Jobs at a host, through the CLI.
struct JobLab : Lab {
  explicit JobLab(const AgentSettings& settings = {}) : Lab({}, settings) {}

  // The id of a job that is accepted; `options` go before the target.
  std::string submit(const std::string& command, const std::vector<std::string>& options = {}) const {
    auto result = trySubmit(command, options);
    INFO(result.err);
    REQUIRE(result.code == 0);
    REQUIRE(result.out.size() == 17);
    return result.out.substr(0, 16);
  }
  CliResult trySubmit(const std::string& command, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments = {"submit"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"web1", command});
    return agent.cli(arguments);
  }
  CliResult wait(const std::string& id) const { return agent.cli({"wait", id}, "", seconds(60)); }
  CliResult logs(const std::string& id) const { return agent.cli({"logs", id}); }
  std::string row(const std::string& id) const { return agent.cli({"jobs", id}).out; }

  // A file on the host that a job's command can wait for with `awaiting`, at most until the test has ended.
  std::string gate() const { return sshd.remoteFolder() + "/gate"; }
  std::string awaiting() const {
    return "until test -e " + gate() + " || ! test -d " + sshd.remoteFolder() + "; do sleep 0.05; done; ";
  }
  void openGate() const { std::ofstream(gate()) << ""; }

  void awaitCallers(int count) const {
    auto said = "\"callers\":" + std::to_string(count) + ",";
    while (!contains(agent.cli({"stats", "--output", "json"}).out, said)) continue;
  }

  // Follows a job until it has printed something.
  void awaitOutput(const std::string& id) const {
    auto follower = agent.startCli({"logs", "-f", id});
    follower.out().until("\n");
    follower.signal(SIGTERM);
    follower.finish();
  }
};

TEST_CASE("a job outlives its caller, and its status and output are there when they are asked for") {
  JobLab lab;
  auto id = lab.submit("echo out; echo err >&2; exit 7");
  CHECK(lab.wait(id).code == 7);
  auto logs = lab.logs(id);
  CHECK(logs.out == "out\n");
  CHECK(logs.err == "err\n");
  CHECK(contains(lab.row(id), "exited 7"));
}

TEST_CASE("a job's words reach the host as those of exec do") {
  JobLab lab;
  auto result = lab.agent.cli({"submit", "-e", "COLOR=deep blue", "--cwd", "/var/tmp", "web1", "--", "sh", "-c",
                               "echo \"$COLOR\" \"$PWD\" \"$1\"", "sh", "two  words"});
  REQUIRE(result.code == 0);
  auto id = result.out.substr(0, 16);
  CHECK(lab.wait(id).code == 0);
  CHECK(lab.logs(id).out == "deep blue /var/tmp two  words\n");
}

TEST_CASE("jobs that wait survive a restart, in order and by SIGKILL") {
  JobLab lab({.rest = "[jobs]\npool_size = 1\n"});
  auto running = lab.submit("echo begun; " + lab.awaiting(), {"--idempotent"});
  lab.awaitOutput(running);
  std::string marks = lab.sshd.remoteFolder() + "/marks";
  auto first = lab.submit("echo first >>" + marks);
  auto second = lab.submit("echo second >>" + marks, {"--after", first});
  lab.agent.kill();
  lab.agent.start();
  CHECK(contains(lab.row(first), "queued"));
  lab.agent.stop(seconds(30));
  lab.openGate();
  lab.agent.start();
  CHECK(lab.wait(second).code == 0);
  CHECK(lab.wait(running).code == 0);
  CHECK(readFile(marks) == "first\nsecond\n");
}

TEST_CASE("a job that ran when the daemon died is told as unknown, with what it had printed, and does not run again") {
  JobLab lab;
  std::string marks = lab.sshd.remoteFolder() + "/marks";
  auto id = lab.submit("echo mark >>" + marks + "; echo so far; " + lab.awaiting());
  lab.awaitOutput(id);
  lab.agent.kill();
  lab.agent.start();
  auto waited = lab.wait(id);
  CHECK(waited.code == 247);
  CHECK(contains(waited.err, "unknown"));
  CHECK(lab.logs(id).out == "so far\n");
  CHECK(readFile(marks) == "mark\n");
}

TEST_CASE("wait and logs -f go on when the daemon is restarted") {
  JobLab lab;
  auto id = lab.submit("echo begun; " + lab.awaiting() + "echo done", {"--idempotent"});
  auto follower = lab.agent.startCli({"logs", "-f", id});
  follower.out().until("begun\n");
  auto waiter = lab.agent.startCli({"wait", id});
  lab.awaitCallers(3);  // these two, and whoever asks
  lab.agent.kill();
  lab.agent.start();
  lab.openGate();
  CHECK(waiter.finish(seconds(60)).code == 0);
  auto followed = follower.finish(seconds(60));
  CHECK(followed.code == 0);
  CHECK(contains(followed.out, "done\n"));
}

TEST_CASE("a job that runs is ended by cancel, as exec is by a signal") {
  JobLab lab;
  auto id = lab.submit("echo begun; exec sleep 600");
  lab.awaitOutput(id);
  auto cancelled = lab.agent.cli({"cancel", id});
  CHECK(cancelled.code == 0);
  CHECK(contains(cancelled.out, id));
  auto waited = lab.wait(id);
  CHECK(waited.code == 246);
  CHECK(contains(lab.row(id), "cancelled"));
  CHECK(lab.agent.cli({"cancel", id}).code == 0);
}

TEST_CASE("a job is tried again until its host is there") {
  JobLab lab;
  lab.sshd.kill();
  auto id = lab.submit("echo at last", {"--retries", "50"});
  lab.sshd.restart();
  CHECK(lab.wait(id).code == 0);
  CHECK(lab.logs(id).out == "at last\n");
}

TEST_CASE("bad submissions are refused at once, and leave nothing") {
  JobLab lab;
  auto refusal = [&](const std::vector<std::string>& options) { return lab.trySubmit("true", options); };
  CHECK(refusal({"--after", "nosuchjob"}).code == 2);
  CHECK(contains(refusal({"--after", "nosuchjob"}).err, "nosuchjob"));
  CHECK(refusal({"--name", "no spaces"}).code == 2);
  CHECK(refusal({"--label", "=x"}).code == 2);
  CHECK(lab.agent.cli({"submit", "-oProxyCommand=x", "true"}).code == 2);
  CHECK(lab.agent.cli({"submit", "web1"}).code == 2);
  CHECK(lab.agent.cli({"jobs", "-q"}).out == "");
}

TEST_CASE("submitting twice with one key runs once") {
  JobLab lab;
  auto first = lab.submit("true", {"--idempotency-key", "release-1"});
  CHECK(lab.submit("true", {"--idempotency-key", "release-1"}) == first);
  auto other = lab.trySubmit("false", {"--idempotency-key", "release-1"});
  CHECK(other.code == 2);
  CHECK(contains(other.err, first));
}

TEST_CASE("of the caller's environment nothing but what is asked for goes to the disk") {
  JobLab lab;
  auto submitting = lab.agent.startCli({"submit", "web1", "true"}, {{"API_TOKEN", "planted-secret"}});
  auto submitted = submitting.finish();
  REQUIRE(submitted.code == 0);
  lab.wait(submitted.out.substr(0, 16));
  lab.agent.stop(seconds(30));
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(lab.agent.folder().path("state"))) {
    if (!entry.is_regular_file()) continue;
    ++files;
    CHECK(readFile(entry.path()).find("planted-secret") == std::string::npos);
    CHECK((entry.status().permissions() & std::filesystem::perms(077)) == std::filesystem::perms::none);
  }
  CHECK(files > 0);
}

TEST_CASE("a second daemon leaves the jobs of a state folder to the first, and says so") {
  JobLab lab;
  auto id = lab.submit("true");
  lab.wait(id);
  auto socket = lab.agent.folder().path("second.sock");
  auto second = lab.agent.startDaemon({"--socket", socket, "--config", lab.agent.configFile()});
  second.err().until("ready");
  auto refused = lab.agent.cli({"submit", "--socket", socket, "web1", "true"});
  CHECK(refused.code == 244);
  CHECK(contains(refused.err, "another daemon"));
  CHECK(lab.agent.cli({"exec", "--socket", socket, "web1", "echo fine"}).out == "fine\n");
  second.signal(SIGTERM);
  second.finish();
}

TEST_CASE("a full disk refuses new jobs, and keeps those that were accepted") {
  Sshd sshd;
  PrivateAgent agent;
  SmallDisk disk(agent.folder().path("state"), 1 << 20);
  if (!disk.mounted()) SKIP("needs root");
  agent.addHost("web1", sshd);
  agent.start();
  auto submit = [&](const std::string& command) { return agent.cli({"submit", "web1", command}); };
  auto first = submit("echo kept");
  REQUIRE(first.code == 0);
  std::string filler = agent.folder().path("state/filler");
  std::ofstream(filler) << std::string(2 << 20, 'x');
  auto refused = submit(std::string(30'000, ' ') + "true");
  CHECK(refused.code == 244);
  CHECK(contains(refused.err, "space"));
  unlink(filler.c_str());
  auto id = first.out.substr(0, 16);
  CHECK(agent.cli({"wait", id}).code == 0);
  CHECK(agent.cli({"logs", id}).out == "kept\n");
  CHECK(submit("true").code == 0);
}

TEST_CASE("a job's output that finds no room is told, and the job goes on") {
  JobLab lab({.rest = "[jobs]\noutput_max_bytes = 100000\n"});
  auto id = lab.submit("yes | head -c 300000; exit 4");
  CHECK(lab.wait(id).code == 4);
  auto logs = lab.logs(id);
  CHECK(logs.out.size() > 50'000);
  CHECK(logs.out.size() < 100'000);
  CHECK(contains(logs.err, "not kept"));
}

TEST_CASE("drain lets a job that runs end, and keeps those that wait") {
  JobLab lab({.rest = "[jobs]\npool_size = 1\n"});
  auto running = lab.submit("echo begun; " + lab.awaiting() + "exit 5");
  lab.awaitOutput(running);
  auto waiting = lab.submit("exit 6");
  auto draining = lab.agent.startCli({"agent", "drain"});
  lab.openGate();
  CHECK(draining.finish(seconds(60)).code == 0);
  lab.agent.process().wait();
  lab.agent.start();
  CHECK(lab.wait(running).code == 5);
  CHECK(lab.wait(waiting).code == 6);
}

}  // namespace
}  // namespace cbs::test
