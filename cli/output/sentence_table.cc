#include "cli/output/sentence_table.h"

#include <algorithm>
#include <set>
#include <string>

namespace cbs::cli {
namespace {

struct ReasonWording {
  Reason reason;
  Wording wording;
};

constexpr ReasonWording kReasons[] = {
    {Reason::NAME_NOT_FOUND,
     {"host name not found[ ({detail})]", "check the spelling, or give the name a HostName in ~/.ssh/config"}},
    {Reason::CONNECTION_REFUSED,
     {"connection refused[ by {address}]", "check that an SSH server runs there, and its port: ssh -v {ssh}"}},
    {Reason::NETWORK_UNREACHABLE, {"network unreachable[ ({detail})]", "check the address and the route to it"}},
    {Reason::CONNECT_TIMED_OUT,
     {"no answer to the connection[ ({detail})]",
      "check that the host is up and no firewall drops the port, or raise --connect-timeout"}},
    {Reason::BANNER_INVALID, {"what answers is no SSH server[ ({detail})]", "check the port: ssh -G {ssh}"}},
    {Reason::HANDSHAKE_FAILED, {"SSH handshake failed[ ({detail})]", "compare with: ssh -v {ssh}"}},
    {Reason::HANDSHAKE_TIMED_OUT,
     {"the server accepted the connection but did not finish the handshake[ ({detail})]",
      "check the load of the host, or raise --connect-timeout"}},
    {Reason::CONNECTION_CLOSED,
     {"the server closed the connection before the login was done[ ({detail})]",
      "look into the server's log (MaxStartups, DenyUsers, a full disk), or: ssh -v {ssh}"}},
    {Reason::BREAKER_OPEN,
     {"not tried, as the last attempt failed[: {lastReason}][ ({detail})]",
      "repair what is wrong, then: cbsession breaker reset {subject}[; by itself it is tried again in {retryAfterMs} "
      "ms]"}},
    {Reason::STARTUPS_EXCEEDED,
     {"the server drops logins, as too many are under way there[ ({detail})]",
      "try again, or raise MaxStartups in its sshd_config"}},
    {Reason::PENALIZED,
     {"the server has shut our address out for a while[ ({detail})]",
      "wait, and see PerSourcePenalties in its sshd_config"}},
    {Reason::JUMP_REFUSED,
     {"the jump host does not connect to it[ ({detail})]",
      "check the host, and AllowTcpForwarding and PermitOpen in the jump host's sshd_config"}},
    {Reason::CONFIG_UNUSABLE, {"SSH configuration unusable[ ({detail})]", "see what ssh makes of it: ssh -G {ssh}"}},
    {Reason::NO_KEY,
     {"there is no key to offer[ ({detail})]", "ssh-add, or name a key file with IdentityFile in ~/.ssh/config"}},
    {Reason::KEYS_REFUSED,
     {"the server accepted none of our keys[ ({detail})]",
      "ssh-copy-id {ssh}, or compare with: ssh -v {ssh}[; it would take {typed}: --ask-pass]"}},
    {Reason::KEY_UNUSABLE,
     {"key unusable[: {file}][ ({detail})]", "check the file[: ssh-keygen -y -f {file}], or ssh-add it"}},
    {Reason::PASSWORD_REFUSED,
     {"the server did not accept what was typed[ ({detail})]", "try again, or compare with: ssh -v {ssh}"}},
    {Reason::NOBODY_TO_ASK,
     {"the login needs an answer and there is nobody to ask[ ({detail})]",
      "give --ask-pass at a terminal, or log in with a key: ssh-copy-id {ssh}"}},
    {Reason::AUTH_TIMED_OUT, {"the login took too long[ ({detail})]", "compare with: ssh -v {ssh}"}},
    {Reason::AGENT_UNAVAILABLE, {"the ssh-agent does not answer[ ({detail})]", "check it with: ssh-add -l"}},
    {Reason::HOST_KEY_UNKNOWN,
     {"host key unknown[ ({keyType} {fingerprint})][; its certificate {certificate}]",
      "compare the fingerprint and accept it with: ssh {ssh} true"}},
    {Reason::HOST_KEY_CHANGED,
     {"host key changed[ ({fingerprint} expected {expectedFingerprint})][ in {file}:{line}]"
      "[; its certificate {certificate}]",
      "find out why; if the new key is right: ssh-keygen -R '{knownAs}'[ -f {file}], then ssh {ssh} true"}},
    {Reason::HOST_KEY_REVOKED,
     {"host key revoked[ ({fingerprint})][ in {file}:{line}][ by {revocationList}][: cannot read {unreadableList}]",
      "ask the host's administrator for its new key"}},
    {Reason::QUEUE_FULL,
     {"rejected: the daemon's queue is full[ ({detail})]", "try again later, or raise session.command.queue_capacity"}},
    {Reason::POOL_FULL,
     {"rejected: too many connections[ ({detail})]",
      "try again later, or raise max_connections_per_instance or max_connections_per_host"}},
    {Reason::DRAINING,
     {"rejected: the daemon takes no new work and ends when what it has accepted has run",
      "try again when it has ended: cbsession agent status"}},
    {Reason::JOURNAL_UNAVAILABLE,
     {"no jobs: the journal cannot be used[ ({detail})]", "see what is wrong with {file}"}},
    {Reason::AUDIT_UNAVAILABLE,
     {"rejected, as it cannot be put on record in the audit log[ ({detail})]",
      "see what is wrong with log.audit_file: cbsession health"}},
    {Reason::DESCRIPTOR_LIMIT,
     {"rejected: the daemon has no file descriptors left[ ({detail})]", "raise its limit (ulimit -n, LimitNOFILE)"}},
    {Reason::FAILURES_EXCEEDED, {"not begun, as too many other hosts had failed", ""}},
    {Reason::COMMAND_TIMED_OUT,
     {"timed out[ after {timeoutMs} ms]; the remote command was signalled", "raise --timeout, or look at the host"}},
    {Reason::WAIT_TIMED_OUT,
     {"timed out[ after {timeoutMs} ms] before the command could start[ ({detail})]",
      "raise --timeout, or see what runs: cbsession stats"}},
    {Reason::CALLER_CANCELLED, {"cancelled[ ({detail})]", ""}},
    {Reason::CALLER_GONE, {"cancelled, as its caller is gone", ""}},
    {Reason::DAEMON_STOPPING, {"cancelled, as the daemon is ending", "run it again: a new daemon is started"}},
    {Reason::DEPENDENCY_FAILED,
     {"cancelled, as a job that it was to run after did not succeed[ ({after})]", "see why[: cbsession jobs {after}]"}},
    {Reason::CONNECTION_LOST,
     {"the connection was lost after the command was sent: how it ended is unknown[ ({detail})]",
      "look at the host before running it again"}},
    {Reason::STATUS_MISSING,
     {"the server sent no exit status: how the command ended is unknown[ ({detail})]",
      "look at the host before running it again"}},
    {Reason::DAEMON_DIED,
     {"the daemon ended while the command ran: how the command ended is unknown[ ({detail})]",
      "look at the host before running it again"}},
    {Reason::LOCAL_IO, {"[{where}: ]{detail}", ""}},
    {Reason::REMOTE_IO, {"remote file: [{where}: ]{detail}", "look at the host: ssh {ssh} df -h"}},
    {Reason::NO_SPACE, {"no space left[ for {path}]", "make room and try again"}},
    {Reason::NOT_FOUND, {"no such file or folder[: {path}][ ({words})]", "check the path"}},
    {Reason::PERMISSION_DENIED,
     {"permission denied[: {path}][ ({words})]", "check the file's owner and mode, and its folder's"}},
    {Reason::IS_DIRECTORY, {"is a folder[: {path}]", "the same command with -r"}},
    {Reason::ALREADY_EXISTS, {"already exists[: {path}]", "remove it first, or choose another name"}},
    {Reason::CHECKSUM_MISMATCH,
     {"checksum mismatch[: {path}][ ({words})]", "try again; if it comes back, check memory and disk of both ends"}},
    {Reason::SFTP_UNAVAILABLE,
     {"the server has no SFTP subsystem[ ({detail})]", "give sshd_config there: Subsystem sftp internal-sftp"}},
    {Reason::VERSION_MISMATCH,
     {"the daemon speaks another version[ ({daemonVersion}, pid {pid})]",
      "cbsession agent stop; the next command starts the right one"}},
    {Reason::NOT_RUNNING, {"no daemon runs[ at {socket}]", "cbsession agent start"}},
    {Reason::PEER_REFUSED, {"cannot use the socket[ {socket}]: {detail}", "name a socket of your own with --socket"}},
    {Reason::AUTOSTART_FAILED, {"cbsession-agentd did not start: {detail}", "cbsession config check"}},
    {Reason::BAD_TARGET, {"bad target: {detail}", "write HOST, USER@HOST, HOST:PORT or an alias from ~/.ssh/config"}},
    {Reason::BAD_REQUEST, {"{detail}", "cbsession {command} --help"}},
    {Reason::BAD_CONFIG, {"bad configuration: {detail}", "cbsession config check"}},
    {Reason::JOB_NOT_FOUND, {"no such job[: {job}]", "cbsession jobs"}},
    {Reason::IDEMPOTENCY_KEY_TAKEN,
     {"another job has this idempotency key[: {job}]",
      "choose another key[, or see what that one does: cbsession jobs {job}]"}},
};

constexpr Wording kJournalFull = {"no jobs: the journal cannot be used[ ({detail})]",
                                  "free space[ for {file}], and try again"};

constexpr Wording kDeadlineOfUpload = {"timed out[ ({detail})]", "raise --deadline"};
constexpr Wording kDeadlineBeforeStart = {"timed out before the command could start[ ({detail})]", "raise --deadline"};
constexpr Wording kDeadlineWhileRunning = {"timed out[ ({detail})]; the remote command was signalled",
                                           "raise --deadline, or look at the host"};

constexpr Wording kTemporaryFile = {"{detail}", "set TMPDIR to a folder with room that you may write to"};
constexpr Wording kTakenOrNot = {"cannot talk to the daemon: {detail}; whether the job was taken is unknown",
                                 "see cbsession jobs, or submit it again with --idempotency-key"};

constexpr Wording kNotAllowed = {"not allowed: {detail}",
                                 "ask whoever runs the daemon, or use your own, without --socket"};
constexpr Wording kOlderDaemon = {
    "the daemon is older than this program (version {daemonVersion}, here {clientVersion}) and does not know the call",
    "cbsession agent stop, or agent reload --exec"};
constexpr Wording kNewerDaemon = {"the daemon is newer than this program ({daemonVersion}, pid {pid})",
                                  "use the program that belongs to it, or cbsession agent stop"};

constexpr Wording kInTheWay = {"{inTheWay}", "remove it first, or choose another name"};
constexpr Wording kTransferLost = {"the connection was lost[ ({detail})]", "try again"};
constexpr Wording kCancelledWithPart = {"cancelled; {part} has {partSize} of it", ""};
constexpr Wording kCancelledWithParts = {"cancelled; parts of it are in {part}", ""};

// What has left a part can be gone on with.
constexpr const char* kGoOn = "the same command with --resume";
constexpr const char* kGoOnWithRoom = "make room, then the same command with --resume";

bool isSystemMessage(std::string_view words) {
  static const auto kMessages = []() {
    constexpr int kHighest = 133;  // of Linux
    std::set<std::string, std::less<>> messages;
    for (int number = 1; number <= kHighest; ++number) messages.insert(systemMessage(number));
    return messages;
  }();
  return kMessages.count(words) > 0;
}

// What the daemon will not do for us, or cannot.
const Wording* wordingOfRefusal(const Error& error) {
  if (error.reason == Reason::PEER_REFUSED) return error.fact("refused").empty() ? nullptr : &kNotAllowed;
  if (error.reason != Reason::VERSION_MISMATCH) return nullptr;
  if (!error.fact("clientVersion").empty()) return &kOlderDaemon;
  auto protocol = [&](std::string_view name) { return std::atol(std::string(error.fact(name)).c_str()); };
  return protocol("daemonProtocol") > protocol("clientProtocol") ? &kNewerDaemon : nullptr;
}

// Where a fact says more than the reason does.
const Wording* wordingOfFacts(const Error& error) {
  if (const Wording* refusal = wordingOfRefusal(error)) return refusal;
  bool deadline = error.fact("deadline") == "true";
  if (error.reason == Reason::JOURNAL_UNAVAILABLE && error.fact("full") == "true") return &kJournalFull;
  if (error.kind == ErrorKind::TIMED_OUT && error.reason == Reason::UNSPECIFIED && deadline) return &kDeadlineOfUpload;
  if (error.reason == Reason::WAIT_TIMED_OUT && deadline) return &kDeadlineBeforeStart;
  if (error.reason == Reason::COMMAND_TIMED_OUT && deadline) return &kDeadlineWhileRunning;
  if (error.kind == ErrorKind::AGENT_UNREACHABLE && error.fact("taken") == "unknown") return &kTakenOrNot;
  bool transfer = error.kind == ErrorKind::TRANSFER_FAILED;
  if (transfer && error.fact("temporary") == "true") return &kTemporaryFile;
  if (transfer && error.reason == Reason::CONNECTION_LOST) return &kTransferLost;
  if (error.reason == Reason::ALREADY_EXISTS && !ownWords(error).empty()) return &kInTheWay;
  if (error.kind == ErrorKind::CANCELLED) {
    auto parts = std::count_if(error.facts.begin(), error.facts.end(), [](auto& fact) { return fact.name == "part"; });
    if (parts > 0) return parts == 1 ? &kCancelledWithPart : &kCancelledWithParts;
  }
  return nullptr;
}

Wording wordingOfKind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::NONE:
      return {"no error", ""};
    case ErrorKind::INTERNAL:
      return {"internal fault: {detail}", "please report it, with: cbsession version"};
    case ErrorKind::USAGE:
      return {"{detail}", ""};
    case ErrorKind::AGENT_UNREACHABLE:
      return {"cannot talk to the daemon[ at {socket}]: {detail}", "cbsession agent status"};
    case ErrorKind::UNREACHABLE:
      return {"unreachable[ ({detail})]", "compare with: ssh -v {ssh}"};
    case ErrorKind::AUTH_REFUSED:
      return {"authentication refused[ ({detail})]", "compare with: ssh -v {ssh}"};
    case ErrorKind::HOST_KEY_REFUSED:
      return {"host key refused[ ({detail})]", "compare with: ssh -v {ssh}"};
    case ErrorKind::OVERLOADED:
      return {"rejected[ ({detail})]", "try again later"};
    case ErrorKind::TIMED_OUT:
      return {"timed out[ ({detail})]", "raise --timeout"};
    case ErrorKind::CANCELLED:
      return {"cancelled[ ({detail})]", ""};
    case ErrorKind::LOST:
      return {"how the command ended is unknown[ ({detail})]", "look at the host before running it again"};
    case ErrorKind::TRANSFER_FAILED:
      return {"transfer failed[: {where}][: {detail}]", ""};
    case ErrorKind::COMMAND_REFUSED:
      return {"the server would not start the command[ ({detail})]", "compare with: ssh {ssh} true"};
  }
  return {"failed[: {detail}]", ""};
}

Wording wordingOfAll(const Error& error) {
  if (const Wording* wording = wordingOfFacts(error)) return *wording;
  for (const ReasonWording& entry : kReasons) {
    if (entry.reason == error.reason) return entry.wording;
  }
  return wordingOfKind(error.kind);
}

}  // namespace

std::string_view fileOf(const Error& error) {
  auto path = error.fact("remotePath");
  return path.empty() ? error.fact("localPath") : path;
}

std::string_view ownWords(const Error& error) {
  std::string_view words = error.detail;
  auto path = fileOf(error);
  if (words.substr(0, path.size()) == path) {
    auto rest = words.substr(path.size());
    if (rest.empty()) return "";
    if (rest.substr(0, 2) == ": ") words = rest.substr(2);
    if (rest[0] == ' ') words = rest.substr(1);
  }
  return isSystemMessage(words) ? "" : words;
}

Wording wordingOf(const Error& error) {
  Wording wording = wordingOfAll(error);
  if (!error.fact("part").empty()) wording.next = error.reason == Reason::NO_SPACE ? kGoOnWithRoom : kGoOn;
  return wording;
}

}  // namespace cbs::cli
