#include "cli/output/job_table.h"

#include "cli/output/error_word.h"
#include "cli/output/printable.h"
#include "cli/output/table.h"
#include "common/duration.h"
#include "common/error.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kWidestTarget = 32;

// Clocks may be set back.
std::string since(uint64_t thenMs, uint64_t nowMs) {
  return durationText((nowMs - std::min(thenMs, nowMs)) * kj::MILLISECONDS);
}

std::string waitingText(schema::JobInfo::Reader job, uint64_t nowMs) {
  auto after = job.getAfter();
  if (after.size() > 0) {
    std::string more = after.size() > 1 ? " and " + std::to_string(after.size() - 1) + " more" : "";
    return "after " + printable(after[0].cStr()) + more;
  }
  if (job.getNotBeforeMs() > nowMs) return "again in " + since(nowMs, job.getNotBeforeMs());
  return "waiting";
}

std::string errorText(ErrorKind kind) {
  auto word = wordOf(kind);
  return std::string(word.empty() ? nameOf(kind) : word);
}

bool anyHasName(capnp::List<schema::JobInfo>::Reader jobs) {
  for (auto job : jobs) {
    if (job.getName().size() > 0) return true;
  }
  return false;
}

// The last column gets what is left of the width.
std::string cutLines(const std::string& text, size_t columns) {
  if (columns == 0) return text;
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    result += shortened(text.substr(begin, end - begin), columns) + "\n";
    begin = end + 1;
  }
  return result;
}

}  // namespace

std::string outcomeText(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  auto kind = outcome.getError().getKind();
  bool ended = kind == ErrorKind::TIMED_OUT || kind == ErrorKind::CANCELLED;
  if (state.isUnknown() && !ended) return "unknown";
  if (kind != ErrorKind::NONE) return errorText(kind);
  if (state.isExited()) return "exited " + std::to_string(state.getExited());
  if (state.isSignalled()) return "killed " + printable(state.getSignalled().getName().cStr());
  return "not sent";
}

std::string jobStateText(schema::JobInfo::Reader job, uint64_t nowMs) {
  switch (job.getState()) {
    case schema::JobState::QUEUED:
      return "queued";
    case schema::JobState::WAITING:
      return waitingText(job, nowMs);
    case schema::JobState::RUNNING:
      return "running " + since(job.getStartedMs(), nowMs);
    case schema::JobState::ENDED:
      return outcomeText(job.getOutcome());
  }
  return "?";  // a state that only a newer daemon knows
}

std::string jobTable(capnp::List<schema::JobInfo>::Reader jobs, uint64_t nowMs, size_t columns) {
  if (jobs.size() == 0) return "no jobs\n";
  bool names = anyHasName(jobs);
  std::vector<Table::Column> headings = {{"ID"}};
  if (names) headings.push_back({"NAME"});
  headings.insert(
      headings.end(),
      {{.heading = "TARGET", .widest = kWidestTarget}, {"STATE"}, {"AGE", Table::Align::right}, {"COMMAND"}});
  Table table(headings);
  for (auto job : jobs) {
    std::vector<std::string> cells = {printable(job.getId().cStr())};
    if (names) cells.push_back(printable(job.getName().cStr()));
    for (auto& cell : {printable(job.getTarget().cStr()), jobStateText(job, nowMs), since(job.getSubmittedMs(), nowMs),
                       printable(job.getCommand().cStr())}) {
      cells.push_back(cell);
    }
    table.add(std::move(cells));
  }
  return cutLines(table.text(), columns);
}

}  // namespace cbs::cli
