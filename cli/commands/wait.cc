#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/exec/exec_end.h"
#include "cli/exec/interrupts.h"
#include "cli/jobs/groups.h"
#include "cli/jobs/job_listing.h"
#include "cli/jobs/job_session.h"
#include "cli/jobs/job_wait.h"
#include "cli/output/explain_error.h"
#include "cli/output/job_report.h"
#include "cli/output/print.h"
#include "common/duration.h"

#include <signal.h>

#include <algorithm>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Wait until jobs have ended, also across a restart of the daemon. A JOB is an id or a name; instead of them, -l "
    "stands for all jobs that there are with these labels when the wait begins.\n\n"
    "Exits as exec would have with the job's command: with its status, 128+n for signal n, or 241 to 247; of "
    "several jobs with the highest. Ctrl-C ends the wait and not the jobs.";

const char* const kExamples =
    "  cbsession wait \"$id\" && echo done\n"
    "  cbsession wait backup --timeout 10m\n"
    "  cbsession wait --any \"$one\" \"$other\"    prints the id of the first that ended\n"
    "  cbsession wait -l deploy=42             all that have this label\n";

struct WaitOptions {
  std::vector<std::string> jobs;
  std::vector<TypedLabel> labels;  // instead of them
  bool any = false;
  uint64_t timeoutMs = 0;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Says what is wrong with the end of a job that is no status of its command's own. Gives the exit code.
int reportEnd(schema::JobInfo::Reader job) {
  auto end = ExecEnd::told(job.getOutcome());
  if (end.error.kind != ErrorKind::NONE) {
    printError(sentenceOfJob(end.error, job.getTarget().cStr(), job.getId().cStr()));
  }
  return end.exitCode;
}

int reportEnds(const KnownJobs& jobs, const WaitOptions& options, bool json) {
  if (json) printJobs(jobs.list(), false);
  int code = 0;
  if (options.any) {
    KJ_IF_MAYBE (first, firstEnded(jobs)) {
      if (!json) print(std::string(first->getId().cStr()) + "\n");
      code = reportEnd(*first);
    }
    return code;
  }
  for (auto job : jobs.list()) code = std::max(code, reportEnd(job));
  return code;
}

int reportInterrupt(const std::vector<std::string>& jobs) {
  std::string who = jobs.size() == 1 ? "the job goes on" : "the jobs go on";
  printError("cbsession: " + who + ". Next: cbsession cancel " + joined(jobs) + "\n");
  return 128 + SIGINT;
}

kj::Promise<Expected<KnownJobs>> ends(JobSession& session, JobWait& wait, uint64_t timeoutMs) {
  if (timeoutMs == 0) return wait.untilEnd();
  auto limit = timeoutMs * kj::MILLISECONDS;
  Error late{ErrorKind::TIMED_OUT, Reason::UNSPECIFIED,
             "after " + durationText(limit) + " of waiting; what runs goes on"};
  return within(session.loop().timer, limit, late, wait.untilEnd());
}

int waitOver(JobSession& session, const WaitOptions& options, bool json) {
  Interrupts interrupts(session.loop().port, {SIGINT});
  JobWait wait(session.connection(), options.jobs, options.any);
  bool interrupted = false;
  auto signal = interrupts.next().then([&](int) -> Expected<KnownJobs> {
    interrupted = true;
    return fail(ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "");
  });
  auto jobs = ends(session, wait, options.timeoutMs).exclusiveJoin(kj::mv(signal)).wait(session.waitScope());
  if (interrupted) return reportInterrupt(wait.jobs());
  if (!jobs) return reportFailure(jobs.error(), "", json);
  return reportEnds(*jobs, options, json);
}

std::string tooManyForAny(const WaitOptions& options) {
  bool tooMany = options.any && options.jobs.size() > kMostAtOnce;
  return tooMany ? "--any: " + std::to_string(kMostAtOnce) + " jobs are the most" : "";
}

// What is wrong with the options, or "".
std::string understand(const std::vector<std::string>& labels, const std::string& timeout, WaitOptions& options) {
  if (options.jobs.empty() == labels.empty()) {
    return labels.empty() ? "JOB is required (or --label)" : "JOB and --label: give one of them";
  }
  auto read = readLabels(labels);
  if (!read) return "--label: " + read.error();
  options.labels = std::move(*read);
  if (auto problem = tooManyForAny(options); !problem.empty()) return problem;
  if (auto problem = checkJobs("JOB", options.jobs); !problem.empty()) return problem;
  return readDuration("--timeout", timeout, options.timeoutMs);
}

Expected<std::vector<std::string>> labelledJobs(kj::AutoCloseFd socket, const std::vector<TypedLabel>& labels) {
  Session session(kj::mv(socket));
  JobFilterOptions filter;
  filter.labels = labels;
  filter.limit = 0;
  auto found = listJobs(session, filter);
  if (!found) return fail(found.error());
  std::vector<std::string> ids;
  for (auto job : found->list()) ids.emplace_back(job.getId().cStr());
  std::reverse(ids.begin(), ids.end());  // in the order in which they were submitted
  if (!ids.empty()) return ids;
  std::string typed;
  for (const auto& label : labels) typed += " -l " + label.name + (label.value.empty() ? "" : "=" + label.value);
  return fail(Error{ErrorKind::USAGE, Reason::JOB_NOT_FOUND, ""}.with("job", typed.substr(1)));
}

}  // namespace

int runWait(Arguments arguments) {
  WaitOptions options;
  std::string timeout;
  std::vector<std::string> labels;
  CommandLine line("wait", kDescription, kExamples);
  line.app().add_option("JOB", options.jobs, "Ids or names")->type_name("");
  line.app()
      .add_option("-l,--label", labels, "Instead of JOB, those that have this label; K alone: with any value")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  line.app().add_flag("--any", options.any, "Until one of them has ended; print its id");
  line.app().add_option("--timeout", timeout, "Exit with 245 after this time; the jobs go on")->type_name("DUR");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(labels, timeout, options); !problem.empty()) return line.complain(problem);
  auto place = line.common().place();
  auto reached = reachDaemon(place);
  if (reached && !options.labels.empty()) {
    auto jobs = labelledJobs(kj::mv(reached->socket), options.labels);
    if (!jobs) return reportFailure(jobs.error(), "", line.common().json());
    options.jobs = std::move(*jobs);
    if (auto problem = tooManyForAny(options); !problem.empty()) return line.complain(problem);
    reached = reachDaemon(place);
  }
  if (!reached) return reportFailure(reached.error(), "", line.common().json());
  JobSession session(kj::mv(reached->socket), place);
  return waitOver(session, options, line.common().json());
}

}  // namespace cbs::cli
