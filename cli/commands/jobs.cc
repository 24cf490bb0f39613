#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/exec/terminal.h"
#include "cli/jobs/job_listing.h"
#include "cli/output/job_report.h"
#include "cli/output/job_table.h"
#include "cli/output/print.h"

#include <unistd.h>

#include <chrono>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "List jobs, the youngest first: all that the daemon still knows, or those that fit all that is given. A JOB "
    "is an id or a name.";

const char* const kExamples =
    "  cbsession jobs\n"
    "  cbsession jobs --state queued,waiting,running\n"
    "  cbsession jobs --failed -l team=web\n"
    "  cbsession cancel $(cbsession jobs -q --state queued --target db1)\n"
    "  cbsession jobs --output json | jq '.jobs[] | {id, state, status: .outcome.status}'\n";

struct Typed {
  std::string states;
  std::vector<std::string> labels;
  bool idsOnly = false;
};

void addOptions(CLI::App& app, JobFilterOptions& options, Typed& typed) {
  app.add_option("JOB", options.jobs, "Ids or names")->type_name("");
  app.add_option("--state", typed.states, "queued, waiting, running, ended, or some of them")->type_name("STATE,...");
  app.add_flag("--failed", options.failed, "Those that ended in another way than with status 0");
  app.add_option("-l,--label", typed.labels, "Those that have this label; K alone: with any value")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  app.add_option("--target", options.target, "Those for this target, as it was given to submit")->type_name("TARGET");
  addNumber(app, "-n,--limit", options.limit, "At most so many; 100 if not given, 0: all");
  app.add_flag("-q,--quiet", typed.idsOnly, "Print their ids alone");
}

// What is wrong with the options, or "".
std::string understand(const Typed& typed, JobFilterOptions& options) {
  auto states = readStates(typed.states);
  if (!states) return "--state: " + states.error();
  auto labels = readLabels(typed.labels);
  if (!labels) return "--label: " + labels.error();
  options.states = std::move(*states);
  options.labels = std::move(*labels);
  return checkJobs("JOB", options.jobs);
}

uint64_t nowMs() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void printText(capnp::List<schema::JobInfo>::Reader jobs, bool idsOnly) {
  if (!idsOnly) return print(jobTable(jobs, nowMs(), isatty(STDOUT_FILENO) ? terminalSize().columns : 0));
  std::string ids;
  for (auto job : jobs) ids += std::string(job.getId().cStr()) + "\n";
  print(ids);
}

// Who asked for a number of jobs, or pipes ids into another command, knows.
void sayThatThereAreMore(unsigned shown) {
  printError("cbsession: these are the youngest " + std::to_string(shown) +
             "; there are more. Next: cbsession jobs --limit N\n");
}

}  // namespace

int runJobs(Arguments arguments) {
  JobFilterOptions options;
  Typed typed;
  CommandLine line("jobs", kDescription, kExamples);
  addOptions(line.app(), options, typed);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(typed, options); !problem.empty()) return line.complain(problem);
  bool json = line.common().json();
  auto reached = reachDaemon(line.common().place());
  if (!reached) return reportFailure(reached.error(), "", json);
  Session session(kj::mv(reached->socket));
  auto jobs = listJobs(session, options);
  if (!jobs) return reportFailure(jobs.error(), "", json);
  json ? printJobs(jobs->list(), jobs->more()) : printText(jobs->list(), typed.idsOnly);
  bool limited = line.app().count("--limit") > 0;
  if (jobs->more() && !limited && !typed.idsOnly) sayThatThereAreMore(jobs->list().size());
  return 0;
}

}  // namespace cbs::cli
