#include "tests/support/sshd.h"

#include "tests/support/account.h"
#include "tests/support/failure.h"
#include "tests/support/ports.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>

namespace cbs::test {
namespace {

constexpr const char* kSshd = "/usr/sbin/sshd";
constexpr int kStartAttempts = 10;  // a free port can be taken by another process before sshd binds it

void makeKey(const std::string& file, const std::string& type) {
  runProgram({"ssh-keygen", "-q", "-t", type, "-N", "", "-C", "cbs-test", "-f", file});
}

// True once sshd greets: it is then listening, and past reading its keys.
bool greets(const std::string& address, uint16_t port, ChildProcess& process) {
  auto end = std::chrono::steady_clock::now() + kSoon;
  while (process.running() && std::chrono::steady_clock::now() < end) {
    try {
      UniqueFd socket = connectTo(address, port, milliseconds(10));
      char greeting[4] = {};
      return waitReadable(socket.get(), kSoon) && read(socket.get(), greeting, 4) == 4 &&
             memcmp(greeting, "SSH-", 4) == 0;
    } catch (const std::runtime_error&) {
      // Not listening yet.
    }
  }
  return false;
}

// Returns when they are gone: one that is about to die can still answer.
void killAll(const std::vector<pid_t>& processes) {
  std::vector<UniqueFd> ends;
  for (pid_t pid : processes) {
    ends.emplace_back(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    ::kill(pid, SIGKILL);
  }
  for (const UniqueFd& end : ends) {
    if (end.open()) waitReadable(end.get(), kSoon);
  }
}

}  // namespace

Sshd::Sshd(SshdOptions options) : options_(std::move(options)), user_(testAccount()) {
  keyFile_ = folder_.path("user_key");
  makeKey(keyFile_, "ed25519");
  folder_.write("authorized_keys", readFile(keyFile_ + ".pub"), 0644);
  remoteFolder_ = folder_.makeFolder("remote");
  if (geteuid() == 0) {
    giveToTestAccount(remoteFolder_);
    mkdir("/run/sshd", 0755);  // for privilege separation; where it is there already, so much the better
  }
  makeHostKeys();
  start();
}

Sshd::~Sshd() {
  if (process_) kill();
}

std::string Sshd::address() const { return options_.address == "0.0.0.0" ? "127.0.0.1" : options_.address; }

std::string Sshd::hostKey(const std::string& type) const {
  std::string line = readFile(folder_.path("host_" + type + ".pub"));
  return line.substr(0, line.find(" cbs-test"));
}

std::string Sshd::knownHosts(const std::string& name) const {
  std::string pattern = name.empty() ? "[" + address() + "]:" + std::to_string(port_) : name;
  std::string lines;
  for (const std::string& type : options_.hostKeys) lines += pattern + " " + hostKey(type) + "\n";
  return lines;
}

void Sshd::letIn(const std::string& line) const {
  std::ofstream(folder_.path("authorized_keys"), std::ios::app) << line << "\n";
}

std::string Sshd::log() const { return readFile(folder_.path("log")); }

void Sshd::kill() {
  auto connections = descendantsOf(process_->pid());
  process_->signal(SIGKILL);
  killAll(connections);
  process_->wait();
  process_.reset();
}

void Sshd::killConnections() { killAll(descendantsOf(process_->pid())); }

void Sshd::restart() {
  if (!tryStart()) fail("sshd did not start again:\n" + log());
}

void Sshd::restartWithNewHostKeys() {
  makeHostKeys();
  restart();
}

void Sshd::restartWithCertificates(const std::string& authority, const std::vector<std::string>& options) {
  for (const std::string& type : options_.hostKeys) {
    std::vector<std::string> argv = {"ssh-keygen", "-q", "-s", authority, "-I", "cbs-test", "-h"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(folder_.path("host_" + type + ".pub"));
    runProgram(argv);
  }
  if (process_) kill();
  certified_ = true;
  writeConfiguration();
  restart();
}

void Sshd::makeHostKeys() {
  for (const std::string& type : options_.hostKeys) {
    std::filesystem::remove(folder_.path("host_" + type));
    makeKey(folder_.path("host_" + type), type);
  }
}

void Sshd::writeConfiguration() {
  std::string text;
  for (const std::string& line : options_.lines) text += line + "\n";
  text += "ListenAddress " + options_.address + ":" + std::to_string(port_) + "\n";
  for (const std::string& type : options_.hostKeys) {
    text += "HostKey " + folder_.path("host_" + type) + "\n";
    if (certified_) text += "HostCertificate " + folder_.path("host_" + type + "-cert.pub") + "\n";
  }
  if (options_.limits == SshdOptions::Limits::kGenerous) text += "MaxSessions 1000\nMaxStartups 1000\n";
  if (options_.alsoIpv6) text += "ListenAddress [::1]:" + std::to_string(port_) + "\n";
  text += "AuthorizedKeysFile " + folder_.path("authorized_keys") + "\n";
  text += "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";
  text += "AllowUsers " + user_ + "\nPrintMotd no\nPrintLastLog no\nAcceptEnv *\nLogLevel VERBOSE\n";
  if (!options_.sftp.empty()) text += "Subsystem sftp " + options_.sftp + "\n";
  folder_.write("sshd_config", text);
}

void Sshd::start() {
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    port_ = freePort(address());
    writeConfiguration();
    if (tryStart()) return;
  }
  fail("sshd did not start:\n" + log());
}

bool Sshd::tryStart() {
  UniqueFd log(open(folder_.path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  process_ = std::make_unique<ChildProcess>(
      Program{.argv = {kSshd, "-D", "-e", "-f", folder_.path("sshd_config")}, .descriptors = {{2, log.get()}}});
  if (greets(address(), port_, *process_)) return true;
  process_.reset();
  return false;
}

}  // namespace cbs::test
