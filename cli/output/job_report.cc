#include "cli/output/job_report.h"

#include "cli/exec/exec_end.h"
#include "cli/output/print.h"
#include "cli/output/result_fields.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

namespace cbs::cli {
namespace {

void describeJobOutcome(schema::JobInfo::Reader job, schema::JobOutcome::Builder to) {
  auto end = ExecEnd::told(job.getOutcome());
  to.setStatus(end.exitCode);
  describeOutcomeFields(job.getOutcome(), to);
  if (end.error.kind != ErrorKind::NONE) describeFailure(end.error, job.getTarget().cStr(), to.initError());
}

}  // namespace

void describeJobReport(schema::JobInfo::Reader job, schema::JobReport::Builder to) {
  to.setId(job.getId());
  to.setName(job.getName());
  to.setLabels(job.getLabels());
  to.setTarget(job.getTarget());
  auto command = jsonBytes({job.getCommand().begin(), job.getCommand().size()});
  to.setCommand(command.text.c_str());
  to.setCommandBase64(command.base64);
  to.setState(job.getState());
  to.setPriority(job.getPriority());
  to.setIdempotent(job.getIdempotent());
  to.setIdempotencyKey(job.getIdempotencyKey());
  to.setAfter(job.getAfter());
  to.setSubmittedMs(job.getSubmittedMs());
  to.setStartedMs(job.getStartedMs());
  to.setEndedMs(job.getEndedMs());
  to.setNotBeforeMs(job.getNotBeforeMs());
  to.setDeadlineMs(job.getDeadlineMs());
  to.setAttempts(job.getAttempts());
  to.setLogBytes(job.getLogBytes());
  to.setLogDroppedBytes(job.getLogDroppedBytes());
  if (job.getState() == schema::JobState::ENDED) describeJobOutcome(job, to.initOutcome());
}

void printJobs(capnp::List<schema::JobInfo>::Reader jobs, bool more) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::JobsReport>();
  auto list = report.initJobs(jobs.size());
  for (unsigned i = 0; i < list.size(); ++i) describeJobReport(jobs[i], list[i]);
  report.setMore(more);
  print(toJson<schema::JobsReport>(report));
}

}  // namespace cbs::cli
