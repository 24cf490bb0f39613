#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/jobs/job_session.h"
#include "cli/jobs/job_wait.h"
#include "cli/jobs/log_reading.h"
#include "cli/output/exit_code.h"
#include "cli/output/print.h"
#include "cli/output/printable.h"
#include "cli/output/result_fields.h"
#include "common/duration.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Print what a job has printed in its last attempt: what went to its standard output to ours, what went to its "
    "standard error to ours. JOB is an id or a name.";

const char* const kExamples =
    "  cbsession logs \"$id\"\n"
    "  cbsession logs -f backup                as it comes, until the job has ended\n"
    "  cbsession logs -t --stderr backup       with times, in UTC\n"
    "  cbsession logs backup | tail -n 20\n";

struct LogsOptions {
  std::string job;
  bool follow = false;
  bool onlyOutput = false;
  bool onlyError = false;
  bool timestamps = false;

  LogFormat format(bool together) const {
    return {onlyOutput || !onlyError, onlyError || !onlyOutput, timestamps, together};
  }
};

void addOptions(CLI::App& app, LogsOptions& options) {
  app.add_option("JOB", options.job, "Id or name")->required()->type_name("");
  app.add_flag("-f,--follow", options.follow, "Go on until the job has ended");
  app.add_flag("--stdout", options.onlyOutput, "Its standard output alone");
  app.add_flag("--stderr", options.onlyError, "Its standard error alone");
  app.add_flag("-t,--timestamps", options.timestamps, "Begin each line with its time, in UTC");
}

// Whether our standard output and standard error are the same terminal, pipe or file.
bool streamsAreOne() {
  struct stat output, error;
  if (fstat(STDOUT_FILENO, &output) != 0 || fstat(STDERR_FILENO, &error) != 0) return false;
  return output.st_dev == error.st_dev && output.st_ino == error.st_ino;
}

void printJson(const std::string& id, const LogEnd& end, const CapturedOutput& output) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::LogReport>();
  report.setJob(id.c_str());
  report.setAttempt(end.attempt);
  report.setComplete(end.complete);
  report.setDroppedBytes(end.droppedBytes);
  describeOutput(output, report);
  print(toJson<schema::LogReport>(report));
}

void sayWhatIsMissing(const std::string& id, const LogEnd& end) {
  if (end.droppedBytes == 0) return;
  printError("cbsession: job " + printable(id) + ": " + byteText(end.droppedBytes) +
             " of its output were not kept, as there was too much of it or no room\n");
}

int readOver(JobSession& session, const LogsOptions& options, bool json) {
  auto known = JobWait(session.connection(), {options.job}, false).look().promise().wait(session.waitScope());
  if (!known) return reportFailure(known.error(), "", json);
  std::string id = known->list().size() > 0 ? known->list()[0].getId().cStr() : options.job;
  std::optional<LiveOutput> live;
  CapturedOutput captured;
  if (!json) live.emplace(session.loop().port);
  LogWriter writer(live ? static_cast<OutputTarget&>(*live) : captured, options.format(live && streamsAreOne()));
  LogReading reading(session.connection(), id, writer, [&](uint32_t attempt) {
    captured.clear();
    printError("cbsession: job " + printable(id) + ": attempt " + std::to_string(attempt) + " begins\n");
  });
  auto end = reading.run(options.follow).promise().wait(session.waitScope());
  if (!end && end.error().reason == Reason::CALLER_GONE) return kBrokenPipe;
  if (!end) return reportFailure(end.error(), "", json);
  if (json) printJson(id, *end, captured);
  sayWhatIsMissing(id, *end);
  return 0;
}

}  // namespace

int runLogs(Arguments arguments) {
  LogsOptions options;
  CommandLine line("logs", kDescription, kExamples);
  addOptions(line.app(), options);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = checkJobs("JOB", {options.job}); !problem.empty()) return line.complain(problem);
  auto place = line.common().place();
  auto reached = reachDaemon(place);
  if (!reached) return reportFailure(reached.error(), "", line.common().json());
  JobSession session(kj::mv(reached->socket), place);
  return readOver(session, options, line.common().json());
}

}  // namespace cbs::cli
