#include "tests/support/private_agent.h"

#include "tests/support/failure.h"
#include "tests/support/folder_changes.h"

#include <fcntl.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>

namespace cbs::test {
namespace {

std::string sectionsOf(const AgentSettings& settings, const std::string& sshConfig) {
  return "[http]\n" + settings.http + "\n[session.ssh]\nconfig_file = \"" + sshConfig + "\"\n" + settings.ssh +
         "\n[session.command]\n" + settings.command + "\n" + settings.rest;
}

// Sanitizers are told how to behave through the environment.
void keepVariable(Environment& environment, const char* name) {
  if (const char* value = std::getenv(name); value != nullptr) environment[name] = value;
}

// A program that is tested: this build's, or that of its name in the folder CBS_PROGRAMS, such as a release's.
std::string programOr(const char* name, const char* built) {
  const char* folder = std::getenv("CBS_PROGRAMS");
  return folder == nullptr ? built : std::string(folder) + "/" + name;
}

std::string cliProgramFile() { return programOr("cbsession", CBS_CLI); }

std::vector<std::string> prepended(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

}  // namespace

PrivateAgent::PrivateAgent(const AgentSettings& settings)
    : socket_(folder_.path("agentd.sock")), sshConfig_(folder_.write("ssh_config", "")), ownHome_(settings.ownHome) {
  configFile_ = folder_.write("agentd.toml", sectionsOf(settings, sshConfig_));
  folder_.write("known_hosts", "");
  environment_ = {{"HOME", folder_.makeFolder("home")},
                  {"XDG_RUNTIME_DIR", folder_.makeFolder("run")},
                  {"XDG_STATE_HOME", folder_.makeFolder("state")},
                  {"XDG_CONFIG_HOME", folder_.makeFolder("config")},
                  {"CBSESSION_SOCKET", socket_},
                  {"CBSESSION_CONFIG", configFile_},
                  {"CBSESSION_AUTOSTART", "0"},
                  {"TERM", "xterm"},
                  {"LC_ALL", "C.UTF-8"}};
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "CBSESSION_LOG"}) {
    keepVariable(environment_, name);
  }
}

PrivateAgent::~PrivateAgent() {
  process_.reset();
  if (pid_t started = lockHolder(); started > 0) ::kill(started, SIGKILL);
}

void PrivateAgent::addHost(const std::string& alias, const Sshd& sshd, const std::string& lines) {
  addHostAt(sshd.port(), alias, sshd, lines);
}

void PrivateAgent::addHostAt(uint16_t port, const std::string& alias, const Sshd& sshd, const std::string& lines) {
  append("known_hosts", sshd.knownHosts("[127.0.0.1]:" + std::to_string(port)));
  addUnknownHost(alias, port, lines + "\n  User " + sshd.user() + "\n  IdentityFile " + sshd.keyFile());
}

void PrivateAgent::addUnknownHost(const std::string& alias, uint16_t port, const std::string& lines) {
  append("ssh_config", "Host " + alias + "\n  " + lines + "\n  HostName 127.0.0.1\n  Port " + std::to_string(port) +
                           "\n  IdentitiesOnly yes\n  UserKnownHostsFile " + knownHostsFile() +
                           "\n  GlobalKnownHostsFile /dev/null\n");
}

void PrivateAgent::append(const std::string& file, const std::string& text) {
  std::ofstream(folder_.path(file), std::ios::app) << text;
}

void PrivateAgent::start() {
  Pipe ready = makePipe();
  Environment environment = daemonsOwn_;
  environment.insert(environment_.begin(), environment_.end());
  UniqueFd log(open(folder_.path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  process_ = std::make_unique<ChildProcess>(
      Program{.argv = {program_, "--socket", socket_, "--config", configFile_, "--ready-fd", "3"},
              .environment = environment,
              .descriptors = {{2, log.get()}, {3, ready.write.get()}},
              .home = home()});
  ready.write.close();
  OutputReader reader(std::move(ready.read));
  if (reader.toEnd() != "ready\n") fail("the daemon did not start:\n" + this->log());
}

Ended PrivateAgent::stop(milliseconds deadline) {
  process_->signal(SIGTERM);
  return process_->wait(deadline);
}

void PrivateAgent::kill() { process_.reset(); }

CliProcess PrivateAgent::startDaemon(const std::vector<std::string>& arguments) const {
  return CliProcess(Program{.argv = prepended(daemonProgram(), arguments), .environment = environment_});
}

std::string PrivateAgent::daemonProgram() { return programOr("cbsession-agentd", CBS_AGENTD); }

std::string PrivateAgent::oddSuccessor() { return CBS_ODD_SUCCESSOR; }

CliResult PrivateAgent::cli(const std::vector<std::string>& arguments, std::string_view input,
                            milliseconds deadline) const {
  return startCli(arguments).finishWithInput(input, deadline);
}

CliProcess PrivateAgent::startCli(const std::vector<std::string>& arguments, const Environment& environment) const {
  return CliProcess(cliProgram(arguments, environment));
}

Program PrivateAgent::cliProgram(const std::vector<std::string>& arguments, const Environment& environment) const {
  Environment all = environment;
  all.insert(environment_.begin(), environment_.end());
  return {.argv = prepended(cliProgramFile(), arguments), .environment = all};
}

std::string PrivateAgent::log() const { return readFile(folder_.path("log")); }

void PrivateAgent::awaitLog(const std::string& words) const {
  FolderChanges changes(folder_.path());
  changes.until([&]() { return log().find(words) != std::string::npos; });
}

// The daemon that has our socket's lock: one that the CLI started is no child of ours.
pid_t PrivateAgent::lockHolder() const {
  pid_t holder = std::atoi(readFile(socket_ + ".lock").c_str());
  std::string commandLine = readFile("/proc/" + std::to_string(holder) + "/cmdline");
  return commandLine.find(folder_.path()) != std::string::npos ? holder : 0;
}

}  // namespace cbs::test
