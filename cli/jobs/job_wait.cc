#include "cli/jobs/job_wait.h"

#include "cli/jobs/groups.h"
#include "cli/jobs/polling.h"
#include "cli/jobs/text_list.h"

namespace cbs::cli {

KnownJobs joined(const std::vector<KnownJobs>& groups) {
  size_t count = 0;
  bool done = true;
  for (const KnownJobs& group : groups) {
    count += group.list().size();
    done = done && group.done();
  }
  capnp::MallocMessageBuilder message;
  auto answer = message.initRoot<schema::Agent::AwaitJobsResults>();
  answer.setDone(done);
  auto list = answer.initJobs(static_cast<unsigned>(count));
  unsigned at = 0;
  for (const KnownJobs& group : groups) {
    for (auto job : group.list()) list.setWithCaveats(at++, job);
  }
  return {capnp::clone(answer.asReader())};
}

std::vector<JobWait::Group> JobWait::groups() const {
  std::vector<Group> groups;
  for (size_t at = 0; at < jobs_.size(); at += kGroup) groups.push_back({at, std::min(kGroup, jobs_.size() - at)});
  return groups;
}

Task<Expected<KnownJobs>> JobWait::look() {
  std::vector<KnownJobs> all;
  for (Group group : groups()) {
    auto known = co_await ask(group, 0);
    if (!known) co_return fail(known.error());
    all.push_back(kj::mv(*known));
  }
  if (all.size() == 1) co_return kj::mv(all.front());
  co_return joined(all);
}

// The first answer comes at once, and has the ids: later a name may be another job's.
Task<Expected<KnownJobs>> JobWait::untilEnd() {
  if (!any_ && jobs_.size() > kGroup) co_return co_await groupsEnd();
  auto known = co_await ask({0, jobs_.size()}, 0);
  while (known && !known->done()) known = co_await ask({0, jobs_.size()}, kPollMs);
  co_return kj::mv(known);
}

Task<Expected<KnownJobs>> JobWait::groupsEnd() {
  auto now = co_await look();
  if (!now) co_return fail(now.error());
  std::vector<KnownJobs> all;
  for (Group group : groups()) {
    auto known = co_await ask(group, 0);
    while (known && !known->done()) known = co_await ask(group, kPollMs);
    if (!known) co_return fail(known.error());
    all.push_back(kj::mv(*known));
  }
  co_return joined(all);
}

Task<Expected<KnownJobs>> JobWait::ask(Group group, uint64_t waitMs) {
  auto begin = jobs_.begin() + static_cast<ptrdiff_t>(group.begin);
  std::vector<std::string> some(begin, begin + static_cast<ptrdiff_t>(group.size));
  auto call = [this, some, waitMs](schema::Agent::Client& agent) {
    auto request = agent.awaitJobsRequest();
    setTexts(request.initJobs(static_cast<unsigned>(some.size())), some);
    request.setAny(any_);
    request.setWaitMs(waitMs);
    return request.send();
  };
  auto answer = co_await connection_.ask<schema::Agent::AwaitJobsResults>(answerTime(waitMs), kj::mv(call));
  if (!answer) co_return fail(answer.error());
  if (auto error = decode(answer->getError()); error.kind != ErrorKind::NONE) co_return fail(error);
  auto jobs = answer->getJobs();
  for (unsigned i = 0; i < jobs.size() && i < group.size; ++i) jobs_[group.begin + i] = jobs[i].getId().cStr();
  co_return KnownJobs{capnp::clone(static_cast<const schema::Agent::AwaitJobsResults::Reader&>(*answer))};
}

kj::Maybe<schema::JobInfo::Reader> firstEnded(const KnownJobs& jobs) {
  kj::Maybe<schema::JobInfo::Reader> first;
  for (auto job : jobs.list()) {
    if (job.getState() != schema::JobState::ENDED) continue;
    KJ_IF_MAYBE (before, first) {
      if (before->getEndedMs() <= job.getEndedMs()) continue;
    }
    first = job;
  }
  return first;
}

}  // namespace cbs::cli
