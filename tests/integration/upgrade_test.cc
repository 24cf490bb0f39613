// The daemon is replaced by its program while it is in use.
#include "tests/support/activated_daemon.h"
#include "tests/support/failure.h"
#include "tests/support/folder_changes.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <cbsession/client.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace cbs::test {
namespace {

// A process that is no child of ours.
class Process {
 public:
  explicit Process(pid_t pid) : pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  bool ends() const { return !pidfd_.open() || waitReadable(pidfd_.get(), std::chrono::seconds(30)); }

 private:
  UniqueFd pidfd_;
};

pid_t pidOf(const PrivateAgent& agent) {
  auto out = agent.cli({"agent", "status", "--output", "json"}).out;
  size_t at = out.find("\"pid\":");
  return at == std::string::npos ? 0 : std::stoi(out.substr(at + 6));
}

CliResult replace(const PrivateAgent& agent) {
  return agent.cli({"agent", "reload", "--exec"}, "", milliseconds(60'000));
}

// A pipe on the host that a command can wait for.
struct Gate {
  explicit Gate(const std::string& folder) : path(folder + "/gate") {
    if (mkfifo(path.c_str(), 0666) != 0 || chmod(path.c_str(), 0666) != 0) failErrno("mkfifo");
  }
  void open() const { std::ofstream(path) << "go\n"; }
  std::string wait() const { return "read go <" + path; }

  std::string path;
};

TEST_CASE("agent reload --exec replaces the daemon, and says by whom") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  pid_t before = lab.agent.pid();
  auto result = replace(lab.agent);
  INFO(result.err);
  REQUIRE(result.code == 0);
  pid_t after = pidOf(lab.agent);
  CHECK(after != before);
  CHECK(result.out.starts_with("replaced, pid " + std::to_string(before) + " -> " + std::to_string(after) +
                               " (version "));
  CHECK(lab.agent.process().wait().code == 0);
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(readFile(lab.agent.socket() + ".lock") == std::to_string(after) + "\n");
  Process process(after);
  CHECK(lab.agent.cli({"agent", "stop"}).code == 0);
  CHECK(process.ends());
  CHECK_FALSE(std::filesystem::exists(lab.agent.socket()));
}

TEST_CASE("SIGUSR2 replaces the daemon as well") {
  Lab lab;
  pid_t before = lab.agent.pid();
  lab.agent.process().signal(SIGUSR2);
  CHECK(lab.agent.process().wait(milliseconds(60'000)).code == 0);
  CHECK(pidOf(lab.agent) != before);
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("the new daemon reads the configuration anew") {
  Lab lab;
  std::ofstream(lab.agent.configFile(), std::ios::app) << "[jobs]\npool_size = 3\n";
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("a command that runs goes on in the old daemon, which ends after it") {
  Lab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto running = lab.agent.startCli({"exec", "web1", "echo before; " + gate.wait() + "; echo after; exit 5"});
  running.out().until("before");
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(lab.agent.process().running());
  gate.open();
  auto result = running.finish();
  CHECK(result.code == 5);
  CHECK(running.out().text() == "before\nafter\n");
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a job runs through a replacement, and another one starts after it") {
  Lab lab({}, {.rest = "[jobs]\npool_size = 1\n"});
  Gate gate(lab.sshd.remoteFolder());
  auto submit = [&](const std::string& command) {
    auto id = lab.agent.cli({"submit", "web1", command}).out;
    return id.substr(0, id.find('\n'));
  };
  auto first = submit("echo before; " + gate.wait() + "; echo after; exit 3");
  auto second = submit("echo second");
  auto follower = lab.agent.startCli({"logs", "-f", first});
  auto waiter = lab.agent.startCli({"wait", first});
  follower.out().until("before");
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(contains(lab.agent.cli({"jobs"}).out, "running"));
  gate.open();
  auto followed = follower.finish();
  CHECK(followed.err == "");
  CHECK(followed.out == "before\nafter\n");
  CHECK(waiter.finish().code == 3);
  CHECK(lab.agent.cli({"wait", second}).code == 0);
  CHECK(lab.agent.cli({"logs", second}).out == "second\n");
  CHECK(lab.agent.cli({"logs", first}).out == "before\nafter\n");
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a job that runs in the old daemon is cancelled through the new one") {
  Lab lab;
  auto id = lab.agent.cli({"submit", "web1", "echo begun; exec sleep 600"}).out;
  id = id.substr(0, id.find('\n'));
  auto follower = lab.agent.startCli({"logs", "-f", id});
  follower.out().until("begun");
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(lab.agent.cli({"cancel", "--wait", id}).code == 0);
  CHECK(lab.agent.cli({"wait", id}).code == 246);
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a job that runs in the old daemon has its grace when the new one is stopped") {
  Lab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto id = lab.agent.cli({"submit", "web1", "echo begun; " + gate.wait() + "; exit 4"}).out;
  id = id.substr(0, id.find('\n'));
  auto follower = lab.agent.startCli({"logs", "-f", id});
  follower.out().until("begun");
  REQUIRE(replace(lab.agent).code == 0);
  auto stopping = lab.agent.startCli({"agent", "stop", "--grace", "20s"});
  while (std::filesystem::exists(lab.agent.socket())) {
  }
  gate.open();
  CHECK(stopping.finish().code == 0);
  CHECK(lab.agent.process().wait().code == 0);
  lab.agent.start();
  CHECK(lab.agent.cli({"wait", id}).code == 4);
}

TEST_CASE("a command that runs in the old daemon has its grace when the new one is stopped, which waits for it") {
  Lab lab;
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; exec sleep 600"});
  running.out().until("begun");
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(lab.agent.cli({"agent", "stop", "--grace", "2s"}).code == 0);
  CHECK(lab.agent.process().wait(milliseconds(1'000)).code == 0);  // only what comes after it has let go of the new one
  CHECK(running.finish().code != 0);
}

TEST_CASE("a command that runs in the old daemon goes on to its end when the new one drains") {
  Lab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; " + gate.wait() + "; exit 5"});
  running.out().until("begun");
  REQUIRE(replace(lab.agent).code == 0);
  auto draining = lab.agent.startCli({"agent", "drain"});
  while (!contains(lab.agent.cli({"health"}).out, "drain")) {
  }
  gate.open();
  CHECK(running.finish().code == 5);
  CHECK(draining.finish().code == 0);
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a daemon that was replaced stays for the callers of those before it") {
  Lab lab;
  Gate gate(lab.sshd.remoteFolder());
  cbsession::Client client({.socket = lab.agent.socket()});
  auto running = client.exec({.target = "web1", .line = gate.wait() + "; exit 5"});
  REQUIRE(client.exec({.target = "web1", .line = "echo one"}).get().out == "one\n");
  REQUIRE(replace(lab.agent).code == 0);
  Process second(pidOf(lab.agent));
  REQUIRE(replace(lab.agent).code == 0);
  auto job = client.submit({.command = {.target = "web1", .line = "echo two"}}).get();
  CHECK(client.wait(job).get().outcome.exitCode == 0);
  CHECK(lab.agent.process().running());
  gate.open();
  CHECK(running.get().exitCode == 5);
  CHECK(lab.agent.process().wait().code == 0);
  CHECK(second.ends());
}

TEST_CASE("a reload reaches the old daemon as well") {
  TempFolder folder;
  auto file = folder.path("audit.jsonl");
  Lab lab({}, {.rest = "[log]\naudit_file = \"" + file + "\"\n"});
  Gate gate(lab.sshd.remoteFolder());
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; " + gate.wait() + "; exit 5"});
  running.out().until("begun");
  REQUIRE(replace(lab.agent).code == 0);
  std::filesystem::rename(file, file + ".old");
  REQUIRE(lab.agent.cli({"agent", "reload"}).code == 0);
  gate.open();
  CHECK(running.finish().code == 5);
  CHECK(lab.agent.process().wait().code == 0);
  CHECK(contains(readFile(file), R"("status":5)"));
}

TEST_CASE("the new daemon opens the socket to groups, or closes it to them") {
  Lab lab;
  auto mode = [&]() {
    struct stat status;
    return stat(lab.agent.socket().c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  };
  auto config = readFile(lab.agent.configFile());
  std::ofstream(lab.agent.configFile(), std::ios::app) << "[access]\nallow_groups = \"games\"\n";
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(mode() == 0666);
  std::ofstream(lab.agent.configFile()) << config;
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(mode() == 0600);
}

TEST_CASE(
    "a program that stays connected is served by the old daemon until it has nothing to do, then by the new one") {
  Lab lab;
  cbsession::Client client({.socket = lab.agent.socket()});
  CHECK(client.exec({.target = "web1", .line = "echo one"}).get().out == "one\n");
  REQUIRE(replace(lab.agent).code == 0);
  CHECK(client.exec({.target = "web1", .line = "echo two"}).get().out == "two\n");
  auto job = client.submit({.command = {.target = "web1", .line = "echo three"}})
                 .get();  // asked of the old one, kept by the new one
  CHECK(client.wait(job).get().outcome.exitCode == 0);
  CHECK(lab.agent.cli({"logs", job}).out == "three\n");
  CHECK(lab.agent.process().wait().code == 0);
  CHECK(client.exec({.target = "web1", .line = "echo four"}).get().out == "four\n");
}

// A daemon whose program is a name that can lead to something else.
struct NamedLab {
  NamedLab() {
    agent.addHost("web1", sshd);
    std::filesystem::create_symlink(PrivateAgent::daemonProgram(), program());
    agent.setProgram(program());
    agent.start();
  }
  std::string program() const { return agent.folder().path("agentd"); }
  void setProgram(const std::string& script, unsigned mode = 0700) {
    std::filesystem::remove(program());
    agent.folder().write("agentd", script, mode);
  }
  void checkUnharmed() {
    CHECK(pidOf(agent) == agent.pid());
    CHECK(agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
  }

  Sshd sshd;
  PrivateAgent agent;
};

TEST_CASE("a daemon whose program is not fit to take over goes on, and says why") {
  NamedLab lab;
  lab.setProgram("no program", 0600);
  auto unfit = replace(lab.agent);
  CHECK(unfit.code == 240);
  CHECK(contains(unfit.err, "Permission denied"));
  lab.checkUnharmed();

  lab.setProgram("#!/bin/sh\nexit 7\n");
  auto ending = replace(lab.agent);
  CHECK(ending.code == 240);
  CHECK(contains(ending.err, "exited with status 7"));
  lab.checkUnharmed();

  std::filesystem::remove(lab.program());
  auto missing = replace(lab.agent);
  CHECK(missing.code == 240);
  CHECK(contains(missing.err, "No such file"));
  lab.checkUnharmed();

  std::filesystem::create_symlink(PrivateAgent::daemonProgram(), lab.program());
  CHECK(replace(lab.agent).code == 0);
}

TEST_CASE("a daemon whose successor dies while it takes over has its callers and jobs back") {
  NamedLab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto id = lab.agent.cli({"submit", "web1", "echo before; " + gate.wait() + "; echo after; exit 3"}).out;
  id = id.substr(0, id.find('\n'));
  auto follower = lab.agent.startCli({"logs", "-f", id});
  auto waiter = lab.agent.startCli({"wait", id});
  follower.out().until("before");
  std::filesystem::remove(lab.program());
  std::filesystem::create_symlink(PrivateAgent::oddSuccessor(), lab.program());
  for (int i = 0; i < 3; ++i) CHECK(replace(lab.agent).code == 240);
  lab.checkUnharmed();
  gate.open();
  CHECK(follower.finish().out == "before\nafter\n");
  CHECK(waiter.finish().code == 3);
  std::filesystem::remove(lab.program());
  std::filesystem::create_symlink(PrivateAgent::daemonProgram(), lab.program());
  CHECK(replace(lab.agent).code == 0);
  CHECK(lab.agent.cli({"logs", id}).out == "before\nafter\n");
}

// `options` are the odd successor's.
void setOddSuccessor(NamedLab& lab, const std::string& options) {
  lab.setProgram("#!/bin/sh\nexec " + PrivateAgent::oddSuccessor() + " " + options + " \"$@\"\n");
}

TEST_CASE("a daemon that is told to end while it is being replaced in vain ends then, and no job is lost") {
  NamedLab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto id = lab.agent.cli({"submit", "web1", "echo begun; " + gate.wait() + "; exit 4"}).out;
  id = id.substr(0, id.find('\n'));
  auto follower = lab.agent.startCli({"logs", "-f", id});
  follower.out().until("begun");
  setOddSuccessor(lab, "--stopping");
  lab.agent.process().signal(SIGUSR2);
  lab.agent.awaitLog("stopping");
  gate.open();
  CHECK(lab.agent.process().wait().code == 0);
  std::filesystem::remove(lab.program());
  std::filesystem::create_symlink(PrivateAgent::daemonProgram(), lab.program());
  lab.agent.start();
  CHECK(lab.agent.cli({"wait", id}).code == 4);
}

TEST_CASE("a daemon that is told to end while it is being replaced has its successor end") {
  NamedLab lab;
  auto told = lab.agent.folder().path("told");
  setOddSuccessor(lab, "--stopped-by " + told);
  FolderChanges changes(lab.agent.folder().path());
  lab.agent.process().signal(SIGUSR2);
  CHECK(lab.agent.process().wait().code == 0);
  changes.until([&]() { return std::filesystem::exists(told); });
}

TEST_CASE("a faulty configuration prevents a replacement (2), and the daemon goes on") {
  Lab lab;
  std::ofstream(lab.agent.configFile(), std::ios::app) << "[jobs]\npool_size = \"many\"\n";
  auto result = replace(lab.agent);
  CHECK(result.code == 2);
  CHECK(contains(result.err, "jobs.pool_size"));
  CHECK(pidOf(lab.agent) == lab.agent.pid());
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("a second replacement at the same time is refused") {
  NamedLab lab;
  std::string pipe = lab.agent.folder().path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  lab.setProgram("#!/bin/sh\nread go <" + pipe + "\nexit 1\n");
  auto first = lab.agent.startCli({"agent", "reload", "--exec"});
  {
    std::ofstream gate(pipe);  // opened once the program waits
    auto second = replace(lab.agent);
    CHECK(second.code == 2);
    CHECK(contains(second.err, "being replaced already"));
    gate << "go\n";
  }
  CHECK(first.finish().code == 240);
  lab.checkUnharmed();
}

TEST_CASE("a daemon that drains is not replaced (244)") {
  Lab lab;
  Gate gate(lab.sshd.remoteFolder());
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; " + gate.wait()});
  running.out().until("begun");
  auto draining = lab.agent.startCli({"agent", "drain"});
  while (!contains(lab.agent.cli({"health"}).out, "drain")) {
  }
  CHECK(replace(lab.agent).code == 244);
  gate.open();
  CHECK(running.finish().code == 0);
  CHECK(draining.finish().code == 0);
}

TEST_CASE("what the daemon has from systemd stays systemd's") {
  PrivateAgent agent;
  ActivatedDaemon daemon(agent);
  REQUIRE(replace(agent).code == 0);
  CHECK(daemon.process().wait().code == 0);
  CHECK(agent.cli({"agent", "stop"}).code == 0);
  CHECK(std::filesystem::exists(agent.socket()));
}

// Runs commands, or jobs, each of which leaves its number on the host.
class Crowd {
 public:
  using Run = std::function<CliResult(const Lab& lab, const std::string& command)>;

  Crowd(const Lab& lab, size_t commands, size_t callers, Run runOne)
      : lab_(lab), commands_(commands), runOne_(std::move(runOne)) {
    for (size_t i = 0; i < callers; ++i) threads_.emplace_back([this]() { run(); });
  }
  ~Crowd() { join(); }

  // Waits until so many have been run.
  void await(size_t count) {
    std::unique_lock lock(mutex_);
    more_.wait(lock, [&]() { return done_ >= count; });
  }
  std::string join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    return failures_;
  }
  std::string notes() const { return lab_.sshd.remoteFolder() + "/notes"; }

 private:
  void run() {
    for (size_t number = next_++; number < commands_; number = next_++) {
      auto name = std::to_string(number);
      CliResult result;
      try {
        result = runOne_(lab_, "echo " + name + " >>" + notes() + "; echo " + name);
      } catch (const std::exception& error) {
        result.err = error.what();
      }
      std::lock_guard lock(mutex_);
      if (result.code != 0 || result.out != name + "\n") {
        failures_ += name + ": " + std::to_string(result.code) + " " + result.err + "\n";
      }
      ++done_;
      more_.notify_all();
    }
  }

  const Lab& lab_;
  const size_t commands_;
  const Run runOne_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable more_;
  size_t done_ = 0;
  std::string failures_;
  std::vector<std::thread> threads_;
};

std::map<std::string, int> countLines(const std::string& file) {
  std::map<std::string, int> counts;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) ++counts[line];
  return counts;
}

CliResult runCommand(const Lab& lab, const std::string& command) { return lab.exec(command); }

CliResult runJob(const Lab& lab, const std::string& command) {
  auto submitted = lab.agent.cli({"submit", "web1", command});
  if (submitted.code != 0) return submitted;
  auto id = submitted.out.substr(0, submitted.out.find('\n'));
  auto waited = lab.agent.cli({"wait", id});
  return waited.code == 0 ? lab.agent.cli({"logs", id}) : waited;
}

void replaceInACrowd(size_t commands, size_t replacements, const Crowd::Run& runOne) {
  Lab lab({}, {.command = "max_per_host = 0\n"});
  Gate gate(lab.sshd.remoteFolder());
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; " + gate.wait() + "; seq 1000; exit 9"});
  running.out().until("begun");
  std::vector<pid_t> pids = {pidOf(lab.agent)};
  std::vector<Process> daemons;
  Crowd crowd(lab, commands, 4, runOne);
  for (size_t i = 1; i <= replacements; ++i) {
    crowd.await(commands * i / (replacements + 1));
    daemons.emplace_back(pids.back());
    auto replaced = replace(lab.agent);
    INFO(replaced.err);
    REQUIRE(replaced.code == 0);
    pids.push_back(pidOf(lab.agent));
  }
  CHECK(crowd.join() == "");
  auto ran = countLines(crowd.notes());
  CHECK(ran.size() == commands);
  for (const auto& [number, count] : ran) {
    if (count != 1) CHECK(number + " ran " + std::to_string(count) + " times" == "");
  }
  gate.open();
  CHECK(running.finish().code == 9);
  CHECK(contains(running.out().text(), "begun\n1\n2\n"));
  CHECK(running.out().text().ends_with("999\n1000\n"));
  for (const auto& daemon : daemons) CHECK(daemon.ends());
  CHECK(pidOf(lab.agent) == pids.back());
  CHECK(std::set<pid_t>(pids.begin(), pids.end()).size() == replacements + 1);
}

// The sanitizers make each of them several times as long.
#if __has_feature(address_sanitizer)
constexpr size_t kShare = 4;
#else
constexpr size_t kShare = 1;
#endif

TEST_CASE("commands of four callers all run once while the daemon is replaced three times") {
  replaceInACrowd(500 / kShare, 3, runCommand);
}

TEST_CASE("jobs of four callers all run once while the daemon is replaced five times") {
  replaceInACrowd(160 / kShare, 5, runJob);
}

TEST_CASE("10,000 commands of four callers all run once while the daemon is replaced ten times", "[.slow]") {
  replaceInACrowd(10'000, 10, runCommand);
}

}  // namespace
}  // namespace cbs::test
