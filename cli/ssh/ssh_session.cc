#include "cli/ssh/ssh_session.h"

#include "cli/daemon/reach.h"
#include "cli/exec/exec_session.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "cli/output/printable.h"
#include "cli/ssh/ssh_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace cbs::cli {
namespace {

// What every SSH server takes (core::kLongestCommand). OpenSSH's takes more, and its client sends more.
constexpr size_t kLongestCommand = 32'750;

std::string workingFolder() {
  char folder[4096];
  return getcwd(folder, sizeof(folder)) == nullptr ? "" : folder;
}

// The command reads what we would: nothing.
void closeInput() {
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) return;
  dup2(null, STDIN_FILENO);
  close(null);
}

// Nothing was sent, and the real ssh may do better: the daemon is of another version, or another user's who does not
// allow this; or ssh_config asks for what is not supported, or for nonsense that ssh has its own words for.
bool isForReal(const ExecEnd& end) {
  bool maybeSent = end.outcome.get() != nullptr && !end.outcome->getState().isNotSent();
  auto reason = end.error.reason;
  bool beyondUs = reason == Reason::VERSION_MISMATCH || reason == Reason::PEER_REFUSED;
  return !maybeSent && (beyondUs || reason == Reason::CONFIG_UNUSABLE);
}

// As the daemon's ssh would see it; what begins otherwise is for ssh to expand.
bool isMissing(const std::string& file) {
  bool plain = file[0] == '/' && file.find_first_of("%$") == file.npos;
  return plain && access(file.c_str(), F_OK) != 0;
}

// Without the advice to give --ask-pass: ssh asks without it, where there is somebody.
std::string sentenceOf(Error error, const std::string& target) {
  std::erase_if(error.facts, [](const Fact& fact) { return fact.name == "typed"; });
  return sentence(error, target);
}

std::string inMilliseconds(uint64_t us) { return std::to_string((us + 500) / 1000) + " ms"; }

}  // namespace

int SshSession::run() {
  auto read = readSshArguments(arguments_, workingFolder());
  if (!read) return fail("cbsession: ssh: " + printable(read.error()) + ". Next: cbsession ssh --help\n");
  command_ = std::move(*read);
  if (!command_.beyondUs.empty()) {
    return becomeReal(command_.beyondUs + " is not done over the pool", command_.beyondQuietly);
  }
  if (command_.forwardsAgent && getenv("SSH_AUTH_SOCK") != nullptr) {
    return becomeReal("forwarding of the ssh-agent is not done over the pool", false);
  }
  if (command_.command.size() > kLongestCommand) {
    return becomeReal("a command of more than 32750 bytes is not sent over the pool", false);
  }
  return runCommand();
}

int SshSession::runCommand() {
  if (!command_.logFile.empty()) {
    log_ = kj::AutoCloseFd(open(command_.logFile.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (log_ == nullptr) return fail("cbsession: ssh: " + command_.logFile + ": " + systemMessage(errno) + "\n");
  }
  auto reached = reachDaemon(place_);
  if (!reached) return becomeReal(explain(reached.error(), command_.target).message, false);
  if (command_.noInput) closeInput();
  passOverMissingKeys();
  return runOverPool(kj::mv(reached->socket), execOptions());
}

int SshSession::runOverPool(kj::AutoCloseFd socket, const ExecOptions& options) {
  auto end = runOver(kj::mv(socket), options, nullptr);
  if (isForReal(end)) {
    return becomeReal(printable(command_.target) + ": " + explain(end.error, command_.target).message, false);
  }
  return conclude(end);
}

int SshSession::conclude(const ExecEnd& end) {
  if (end.outcome.get() != nullptr && !command_.quiet) {
    for (auto setting : end.outcome->getIgnored()) {
      say("cbsession: " + printable(command_.target) + ": warning: " + setting.cStr() + " is not supported\n");
    }
  }
  if (command_.verbose) sayCost(end);
  bool interrupted = end.outcome.get() == nullptr && end.error.kind == ErrorKind::CANCELLED;
  if (end.error.kind == ErrorKind::NONE && end.outcome->getState().isExited()) return end.exitCode;
  if (end.error.kind != ErrorKind::NONE && !interrupted) say(sentenceOf(end.error, command_.target));
  return kSshFailure;
}

void SshSession::sayCost(const ExecEnd& end) {
  if (end.outcome.get() == nullptr) return;
  auto times = end.outcome->getTimes();
  say("cbsession: " + printable(command_.target) + ": " +
      (end.outcome->getReusedConnection() ? "a pooled connection" : "a new connection") + " after " +
      inMilliseconds(times.getQueueUs() + times.getPoolUs()) + ", the command started after another " +
      inMilliseconds(times.getOpenUs()) + " and ran for " + inMilliseconds(times.getRunUs()) + " [" +
      end.outcome->getId().cStr() + "]\n");
}

ExecOptions SshSession::execOptions() {
  ExecOptions options;
  options.terminal = decideTerminal();
  options.target = command_.target;
  if (command_.subsystem) {
    options.subsystem = command_.command;
  } else {
    options.command = {command_.command};
  }
  options.forwardStdin = true;
  options.askPass = true;
  options.leaveAtSignal = true;
  options.sshOptions = command_.options;
  options.sshConfigFile = command_.configFile;
  return options;
}

// As ssh: one that was asked for, or for a shell; by force alone where standard input is none.
bool SshSession::decideTerminal() {
  using Terminal = SshCommand::Terminal;
  bool asked = command_.terminal == Terminal::WANTED || command_.terminal == Terminal::FORCED;
  bool shell = command_.command.empty() && command_.terminal == Terminal::AUTOMATIC;
  bool possible = isatty(STDIN_FILENO) != 0 || command_.terminal == Terminal::FORCED;
  if (asked && !possible && !command_.quiet) {
    say("cbsession: no terminal is asked for, as standard input is none. Next: -tt\n");
  }
  bool refused = command_.terminal == Terminal::NEVER || (asked && !possible);
  if (refused) command_.options.insert(command_.options.begin(), "RequestTTY=no");
  return (asked || shell) && possible;
}

// As ssh: it is as if they had not been given, and the usual keys count if there are no others.
void SshSession::passOverMissingKeys() {
  for (const auto& file : command_.keyFiles) {
    if (!isMissing(file)) continue;
    if (!command_.quiet) {
      say("cbsession: warning: the key file " + printable(file) + " is passed over: " + systemMessage(errno) + "\n");
    }
    std::erase(command_.options, identityFileLine(file));
  }
}

int SshSession::becomeReal(const std::string& why, bool quietly) {
  auto program = realSsh();
  if (program.empty())
    return fail("cbsession: " + why + ", and there is no ssh to hand over to. Next: CBSESSION_SSH\n");
  if (!quietly && !command_.quiet) say("cbsession: " + why + ": handing over to " + program + "\n");
  return fail("cbsession: handing over failed: " + becomeSsh(program, arguments_, signals_) + "\n");
}

int SshSession::fail(const std::string& sentence) {
  say(sentence);
  return kSshFailure;
}

void SshSession::say(const std::string& text) {
  if (log_ == nullptr) return printError(text);
  std::ignore = write(log_, text.data(), text.size());
}

}  // namespace cbs::cli
