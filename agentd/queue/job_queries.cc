// What can be asked of the jobs, and done to them, once they are there.
#include "agentd/queue/job_keeper.h"

#include "common/offload.h"

#include <algorithm>

namespace cbs::queue {
namespace {

constexpr size_t kPart = 256 * 1024;
constexpr kj::Duration kPatience = 5 * kj::SECONDS;  // with a disk that is full; callers wait for twice as long

Error notFound(const std::string& job) { return Error{ErrorKind::USAGE, Reason::JOB_NOT_FOUND, ""}.with("job", job); }

// What is to be durable before it is told, and cannot be written, is told as such.
Error notWritten(const std::string& job) {
  return Error{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE,
               "the end of job " + job + " cannot be written down yet; it is tried again"}
      .with("job", job);
}

schema::JobState stateOf(JobRun::Phase phase) {
  switch (phase) {
    case JobRun::Phase::NEW:
    case JobRun::Phase::WAITING:
    case JobRun::Phase::PAUSING:
      return schema::JobState::WAITING;
    case JobRun::Phase::QUEUED:
    case JobRun::Phase::TURNING:
      return schema::JobState::QUEUED;
    case JobRun::Phase::RUNNING:
    case JobRun::Phase::ENDING:
      return schema::JobState::RUNNING;
    case JobRun::Phase::ENDED:
      break;
  }
  return schema::JobState::ENDED;
}

std::vector<std::string> idsOf(const std::vector<Job>& jobs) {
  std::vector<std::string> ids;
  for (const Job& job : jobs) ids.push_back(job.id);
  return ids;
}

}  // namespace

// What the journal does not know, as it changes without anything being written.
void JobKeeper::refresh(Job& job) const {
  auto live = live_.find(job.id);
  if (live == live_.end() || job.state == schema::JobState::ENDED) {
    job.after.clear();
    return;
  }
  const JobRun& run = *live->second;
  job.state = stateOf(run.phase());
  job.notBeforeMs = run.notBeforeMs();
  if (const JobOutput* output = run.output()) {
    job.logBytes = output->log().size();
    job.logDroppedBytes = output->dropped();
  }
  std::erase_if(job.after, [&](const Dependency& dependency) { return !run.waitsFor().contains(dependency.job); });
}

// States that only the daemon knows apart are one in the journal, so what does not fit is left out of what it has.
Task<Expected<std::vector<Job>>> JobKeeper::list(JobQuery query) {
  if (auto opened = open(); !opened) co_return fail(kj::mv(opened.error()));
  ++using_;
  KJ_DEFER(--using_);
  Found result;
  if (journal_.get() == nullptr) co_return result;
  auto wanted = query.states;
  bool apart = std::find(wanted.begin(), wanted.end(), schema::JobState::ENDED) == wanted.end();
  if (!wanted.empty() && apart) query.states = {schema::JobState::QUEUED, schema::JobState::RUNNING};
  if (!wanted.empty() && !apart) query.states.push_back(schema::JobState::QUEUED);
  for (;;) {
    auto jobs = co_await journal_->list(query);
    if (!jobs) co_return fail(kj::mv(jobs.error()));
    for (Job& job : *jobs) {
      query.before = job.id;
      refresh(job);
      bool fits = wanted.empty() || std::find(wanted.begin(), wanted.end(), job.state) != wanted.end();
      if (fits && result.size() < query.limit) result.push_back(kj::mv(job));
    }
    if (jobs->size() < query.limit || result.size() == query.limit) co_return result;
  }
}

// Each of them, or an error if one is not there.
Task<Expected<JobKeeper::Found>> JobKeeper::find(std::vector<std::string> jobs) {
  if (auto opened = open(); !opened) co_return fail(kj::mv(opened.error()));
  if (journal_.get() == nullptr) co_return fail(notFound(jobs.empty() ? "" : jobs.front()));
  auto found = co_await journal_->find(jobs);
  if (!found) found = co_await journal_->find(jobs);  // it may have shared the transaction of what could not be written
  if (!found) co_return fail(kj::mv(found.error()));
  Found result;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!(*found)[i]) co_return fail(notFound(jobs[i]));
    result.push_back(kj::mv(*(*found)[i]));
    refresh(result.back());
  }
  co_return result;
}

Task<Expected<JobKeeper::Awaited>> JobKeeper::await(std::vector<std::string> jobs, bool any, kj::Duration limit) {
  auto found = co_await find(jobs);
  if (!found) co_return fail(kj::mv(found.error()));
  auto ids = idsOf(*found);
  auto done = [&]() {
    auto ended = std::count_if(ids.begin(), ids.end(), [this](const auto& id) { return hasEnded(id); });
    return any ? ended > 0 : static_cast<size_t>(ended) == ids.size();
  };
  if (done() || ids.empty()) co_return Awaited{kj::mv(*found), true};
  co_await waitForEnds(ids, any).promise().exclusiveJoin(loop_.timer.afterDelay(limit));
  bool isDone = done();
  found = co_await find(kj::mv(ids));
  if (!found) co_return fail(kj::mv(found.error()));
  co_return Awaited{kj::mv(*found), isDone};
}

std::vector<JobRun*> JobKeeper::running(const std::vector<std::string>& ids) {
  std::vector<JobRun*> runs;
  for (const auto& id : ids) {
    auto live = live_.find(id);
    if (live != live_.end() && !live->second->hasEnded()) runs.push_back(live->second);
  }
  return runs;
}

Task<void> JobKeeper::waitForEnds(std::vector<std::string> ids, bool any) {
  JobWatch watch(running(ids), any);
  co_await watch.over();
}

// Whoever waits for news is on the list before there can be any.
Task<Expected<LogPart>> JobKeeper::readLog(std::string job, uint32_t attempt, uint64_t offset, kj::Duration limit) {
  auto end = loop_.timer.now() + limit;
  for (;;) {
    auto found = co_await find({job});
    if (!found) co_return fail(kj::mv(found.error()));
    auto id = found->front().id;
    auto live = live_.find(id);
    auto news = live == live_.end() ? kj::Promise<void>(kj::READY_NOW) : live->second->whenNews();
    auto ended = waitForEnds({id}, false).promise();
    auto part = co_await readNow(found->front(), attempt, offset);
    bool hasNews = !part || !part->bytes.empty() || part->complete || part->attempt != attempt;
    if (hasNews || loop_.timer.now() >= end) co_return part;
    co_await news.exclusiveJoin(kj::mv(ended)).exclusiveJoin(loop_.timer.atTime(end));
  }
}

Task<Expected<LogPart>> JobKeeper::readNow(const Job& job, uint32_t attempt, uint64_t offset) {
  LogPart part;
  part.attempt = job.attempts;
  part.droppedBytes = job.logDroppedBytes;
  if (attempt != job.attempts) offset = 0;
  bool hasEnded = job.state == schema::JobState::ENDED;
  auto bytes = co_await logBytes(job, offset);
  if (!bytes) co_return fail(kj::mv(bytes.error()));
  bool isGone = hasEnded && bytes->empty() && offset < job.logBytes;
  if (isGone) part.droppedBytes += job.logBytes - offset;
  size_t used = 0;
  logFrames(*bytes, kPart, used);
  bytes->resize(used);
  part.bytes = kj::mv(*bytes);
  part.next = offset + used;
  part.complete = hasEnded && (used == 0 || part.next >= job.logBytes);
  co_return part;
}

// Enough for a part, from wherever the log is.
Task<Expected<std::string>> JobKeeper::logBytes(const Job& job, uint64_t offset) {
  auto piece = [offset](const std::string& log) { return offset < log.size() ? log.substr(offset, kPart) : ""; };
  auto live = live_.find(job.id);
  const JobOutput* output = live == live_.end() ? nullptr : live->second->output();
  if (output != nullptr && output->log().isSmall()) co_return piece(output->log().small());
  if (live == live_.end()) {
    auto inlined = co_await journal_->log(job.id);
    if (!inlined) co_return fail(kj::mv(inlined.error()));
    if (*inlined) co_return piece(**inlined);
  }
  auto pass = co_await readers_.enter();
  co_return co_await offloadFor<Expected<std::string>>(
      loop_, [file = logFile(job.id), offset]() { return readLogFile(file, offset, kPart + kLogHead); });
}

// That one was told to end is written down, as a later daemon would run it again otherwise.
Task<Expected<std::vector<JobKeeper::Cancelled>>> JobKeeper::cancel(std::vector<std::string> jobs) {
  ++using_;
  KJ_DEFER(--using_);
  auto found = co_await find(kj::mv(jobs));
  if (!found) co_return fail(kj::mv(found.error()));
  std::vector<Cancelled> results;
  std::vector<std::string> ending;
  std::vector<Task<Expected<void>>> notes;
  for (const Job& job : *found) {
    auto live = live_.find(job.id);
    auto result = live == live_.end() ? CancelResult::HAD_ENDED : cancel(*live->second);
    if (result == CancelResult::SIGNALLED && job.idempotent) notes.push_back(journal_->cancel(job.id));
    if (result != CancelResult::SIGNALLED) ending.push_back(job.id);
    results.emplace_back(job.id, result);
  }
  for (auto& note : notes) co_await note;
  co_await waitForEnds(ending, false).promise().exclusiveJoin(loop_.timer.afterDelay(kPatience));
  if (auto late = running(ending); !late.empty()) co_return fail(notWritten(late.front()->id()));
  co_return results;
}

CancelResult JobKeeper::cancel(JobRun& run) {
  if (run.phase() >= JobRun::Phase::ENDING) return CancelResult::HAD_ENDED;
  return run.cancel() ? CancelResult::SIGNALLED : CancelResult::REMOVED;
}

}  // namespace cbs::queue
