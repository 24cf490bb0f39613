// The program as a whole, with a daemon of the test's.
#pragma once

#include "cli/run.h"
#include "tests/unit/cli/job_daemon_thread.h"

namespace cbs::cli {

using Agent = schema::Agent;

struct Ran {
  int code;
  std::string out, err;
};

// The program with a daemon that has two jobs: `one` exits with 3, `two` cannot reach its host.
struct Program {
  Program() {
    daemon.script.awaitJobs = [this](Agent::AwaitJobsParams::Reader asked, Agent::AwaitJobsResults::Builder to) {
      auto names = asked.getJobs();
      auto jobs = to.initJobs(names.size());
      for (unsigned i = 0; i < jobs.size(); ++i) describe(names[i].cStr(), jobs[i]);
      to.setDone(!running);
      return running && asked.getWaitMs() > 0 ? onPoll(to) : kj::Promise<void>(kj::READY_NOW);
    };
  }

  void describe(const std::string& name, schema::JobInfo::Builder to) {
    bool second = name == "two";
    describeEnded(to, second ? "two" : "one", 3, second ? 500 : 1000);
    if (running) to.setState(schema::JobState::RUNNING);
    if (!second) return;
    to.initOutcome().getState().setNotSent();
    encode({ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""}, to.getOutcome().initError());
  }

  Ran run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--no-autostart", "--socket", daemon.path()});
    return runAsIs(std::move(arguments));
  }

  // `submit`, with the socket's options before the target, as what follows the command is the command's own.
  Ran submit(const std::vector<std::string>& options, const std::vector<std::string>& words) {
    std::vector<std::string> all = {"--no-autostart", "--socket", daemon.path(), "submit"};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), words.begin(), words.end());
    return runAsIs(std::move(all));
  }

  Ran runAsIs(std::vector<std::string> arguments) {
    daemon.start();
    CapturedStream out(STDOUT_FILENO), err(STDERR_FILENO);
    int code = cli::run(std::move(arguments));
    Ran ran{code, out.read(), err.read()};
    daemon.stop();
    return ran;
  }

  JobDaemonThread daemon;
  bool running = false;
  std::function<kj::Promise<void>(Agent::AwaitJobsResults::Builder)> onPoll = [](auto) { return kj::NEVER_DONE; };
};

inline Error noSuchJob(const char* job) { return {ErrorKind::USAGE, Reason::JOB_NOT_FOUND, "", {{"job", job}}}; }

}  // namespace cbs::cli
