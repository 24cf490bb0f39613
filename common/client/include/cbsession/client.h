// Commands and jobs over cbsession's daemon, from a program of any kind.
//
//   cbsession::Client client;
//   auto uptime = client.exec({.target = "web1", .line = "uptime"});
//   auto kernel = client.exec({.target = "web2", .argv = {"uname", "-r"}});
//   std::cout << uptime.get().out << kernel.get().out;
//
// The daemon must be running: the library starts none (`cbsession agent start` does).
#pragma once

#include <cbsession/types.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace cbsession {

struct Options {
  std::string socket = {};  // the daemon's; empty: as `cbsession` finds it (CBSESSION_SOCKET, else the user's own)
  unsigned commandsAtOnce = 256;  // as many commands of exec are under way; further ones wait in the client
  std::chrono::milliseconds patience{30'000};  // for how long a wait tries to reach a daemon that has gone
};

// A connection to the daemon, with a thread of its own that does all the work.
//
// Every call returns at once, and may be made from any thread; calls are under way side by side. Futures do not block
// in their destructors. A future throws
//   Error                      the call could not be made, or the daemon refused it
//   - of agentUnreachable      with the reason `connectionLost`: the daemon has ended meanwhile, or did not answer for
//                              a minute, and may have done what it was asked for, or not; with other reasons nothing
//                              was sent. The next call connects again.
//   - of cancelled/callerGone  the client was destroyed before the end
// Command, job and filter are checked by the daemon; what makes no sense is an Error of the kind usage.
//
// As with everything that stands on Cap'n Proto's KJ, SIGPIPE is ignored in the process from then on. A client does not
// survive fork().
class Client {
 public:
  // Connects at the first call. The daemon is told of the program's environment as it is now: SSH_AUTH_SOCK, and what
  // SendEnv in ssh_config may want. Throws Error (internal) if the system has no thread or descriptor to give.
  explicit Client(Options options = {});
  // Ends the connection and fails what is pending. Commands of exec end with it; jobs go on.
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Runs a command. What became of it is in the result, failures included (Outcome::failure). If the daemon ends
  // meanwhile, that is `unknown`; an Error other than callerGone means that the command was not sent.
  std::future<Result> exec(Command command, ExecOptions options = {});

  // Hands a job over, and gives its id once it is durable. With an idempotencyKey it is safe to submit it again.
  std::future<std::string> submit(Job job);

  // Waits until a job (an id, or a name: the youngest of that name) has ended, also while the daemon is started again.
  // A daemon that is not there at the beginning is an Error at once.
  std::future<JobInfo> wait(std::string job);
  // Until all of them have ended; in the order of `jobs`.
  std::future<std::vector<JobInfo>> waitAll(std::vector<std::string> jobs);

  // What a job has printed until now; after wait, all of it. The first `keepBytes` of each stream are kept.
  std::future<Log> log(std::string job, std::size_t keepBytes = kKeepBytes);

  std::future<Cancelled> cancel(std::string job);

  std::future<JobList> jobs(JobFilter filter = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cbsession
