// What a program gives to cbsession's daemon and gets from it: commands, jobs, outcomes and failures.
//
// Strings are bytes as POSIX has them. A duration of 0 is none, and so is a time of day that is not there.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cbsession {

// What to do about a failure.
enum class ErrorKind {
  none,              // there is no failure
  internal,          // a fault of cbsession's own: report it
  usage,             // the request makes no sense; nothing was sent
  agentUnreachable,  // no daemon answers, or it speaks another version
  unreachable,       // name, network, handshake; or the host is not tried, as its last connections failed
  authRefused,       // no key was accepted
  hostKeyRefused,    // the host's key is unknown, changed or revoked
  overloaded,        // a limit of the daemon's is reached, or it is ending: try later
  timedOut,          // the deadline passed
  cancelled,         // the caller, or the daemon's end, cancelled it
  lost,              // the connection broke after the command was sent: its fate is unknown
  transferFailed,    // a file could not be read, written, moved or verified
  commandRefused,    // the server would not start the command
};

// As the enumeration has it, e.g. "hostKeyRefused".
std::string_view nameOf(ErrorKind kind);

struct Fact {
  std::string name = {};
  std::string value = {};
  bool operator==(const Fact&) const = default;
};

struct Failure {
  ErrorKind kind = ErrorKind::none;
  std::string reason = {};  // what happened, as `Reason` in types.capnp has it, e.g. "hostKeyChanged"
  std::string detail = {};  // words of the system or library that failed; for people, never to be parsed
  std::vector<Fact> facts = {};

  // The value of a fact, or "" if there is none of that name.
  std::string_view fact(std::string_view name) const;
};

// A call that could not be made. What it says is for people: kind, reason and detail.
class Error : public std::runtime_error {
 public:
  explicit Error(Failure failure);
  const Failure& failure() const { return failure_; }
  ErrorKind kind() const { return failure_.kind; }
  const std::string& reason() const { return failure_.reason; }
  std::string_view fact(std::string_view name) const { return failure_.fact(name); }

 private:
  Failure failure_;
};

// Of commands that wait for a lane: those of a higher one go first, but for one in eight.
enum class Priority { normal, low, high };

struct Command {
  std::string target = {};             // [user@]host[:port], or an alias from ssh_config
  std::string line = {};               // for the remote user's shell
  std::vector<std::string> argv = {};  // instead of a line: a program and its arguments, each arrives whole
  std::map<std::string, std::string> environment = {};
  std::string workingDirectory = {};            // empty: the home directory
  std::chrono::milliseconds timeout{0};         // from being asked for to the status; for jobs, of each attempt's run
  std::chrono::milliseconds connectTimeout{0};  // 0: as configured
  bool idempotent = false;                      // may be sent again even if it may have started
  unsigned retries = 0;                         // further attempts at reaching the host; for jobs, at all of it
  Priority priority = Priority::normal;
};

enum class State {
  notSent,    // the server never got it: trying again is safe
  exited,     // with a status
  signalled,  // a signal ended it
  unknown,    // it was sent, and its status was lost
};

// What became of a command.
struct Outcome {
  State state = State::notSent;
  int exitCode = 0;         // if it exited
  std::string signal = {};  // if it was signalled: the name without SIG
  bool coreDumped = false;
  Failure failure = {};   // why it was not sent, cut short or lost
  unsigned attempts = 0;  // how often a connection was tried for it
  bool reusedConnection = false;
  std::uint64_t outBytes = 0;  // that it printed
  std::uint64_t errBytes = 0;
  std::chrono::microseconds queued{0};  // how long it waited for a lane
  std::chrono::microseconds ran{0};     // from the start to the status

  bool succeeded() const { return state == State::exited && exitCode == 0; }
};

enum class Stream { out, err };

// How much of a stream is kept unless something else is asked for.
inline constexpr std::size_t kKeepBytes = std::size_t{64} << 20;

struct ExecOptions {
  std::optional<std::string> input = {};  // its standard input; none: it has none
  std::size_t keepBytes = kKeepBytes;     // of each stream in the result
  // Gets the output as it comes, on the client's own thread, on which everything else waits meanwhile: it must be
  // quick, must not wait for a future of the client's and must not destroy the client. What it throws cancels the
  // command and comes through the future.
  std::function<void(Stream, std::string_view)> onOutput = {};
};

// A command that was waited for, with the beginning of what it printed.
struct Result : Outcome {
  std::string out = {};
  std::string err = {};
  bool outTruncated = false;
  bool errTruncated = false;
};

// A command that outlives the program and the daemon.
struct Job {
  Command command = {};
  std::string name = {};  // need not be unique
  std::map<std::string, std::string> labels = {};
  std::vector<std::string> after = {};     // ids or names of jobs that must have exited with 0 before
  std::vector<std::string> afterAny = {};  // those that must have ended before, however
  std::string idempotencyKey = {};         // to submit a job again that may have been taken already
  std::chrono::milliseconds deadline{0};   // from submission to the end
};

enum class JobState {
  queued,   // for its turn
  waiting,  // for other jobs, or for the pause before another attempt
  running,
  ended,
};

struct JobInfo {
  using Time = std::optional<std::chrono::system_clock::time_point>;

  std::string id = {};
  std::string name = {};
  std::map<std::string, std::string> labels = {};
  std::string target = {};
  std::string command = {};  // one line, for people
  JobState state = JobState::queued;
  Priority priority = Priority::normal;
  bool idempotent = false;
  std::string idempotencyKey = {};
  std::vector<std::string> after = {};  // ids of jobs that it still waits for
  Time submitted = {};
  Time started = {};  // the last attempt
  Time ended = {};
  Time notBefore = {};  // when the next attempt is due
  Time deadline = {};
  unsigned attempts = 0;  // that were begun
  Outcome outcome = {};   // of a job that has ended
  std::uint64_t logBytes = 0;
  std::uint64_t logDroppedBytes = 0;
};

// Which jobs; all that is given must fit.
struct JobFilter {
  std::vector<std::string> jobs = {};              // ids or names; empty: all
  std::vector<JobState> states = {};               // empty: all
  std::map<std::string, std::string> labels = {};  // an empty value fits any
  std::string target = {};
  std::string before = {};  // an id: only older ones
  unsigned limit = 0;       // 0: 10,000, which is the most
  bool failed = false;      // only those that ended in another way than with status 0
};

// The youngest first.
struct JobList {
  std::vector<JobInfo> jobs = {};
  bool more = false;  // there are older ones that fit
};

// What a job has printed in its last attempt.
struct Log {
  std::string out = {};
  std::string err = {};
  bool complete = false;           // the job prints nothing more
  bool truncated = false;          // there is more than was to be kept
  unsigned attempt = 0;            // 0: none was begun
  std::uint64_t droppedBytes = 0;  // that the daemon did not keep
};

enum class Cancelled {
  removed,    // it waited, and will never run
  signalled,  // it runs, and was told to end
  hadEnded,
};

}  // namespace cbsession
