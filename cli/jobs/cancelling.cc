#include "cli/jobs/cancelling.h"

#include "cli/jobs/groups.h"
#include "cli/jobs/polling.h"
#include "cli/jobs/text_list.h"

namespace cbs::cli {
namespace {

using Results = schema::Agent::CancelJobsResults;

Task<Expected<kj::Own<Results::Reader>>> cancelGroup(LastingConnection& connection, std::vector<std::string> jobs) {
  auto call = [jobs](schema::Agent::Client& agent) {
    auto request = agent.cancelJobsRequest();
    setTexts(request.initJobs(static_cast<unsigned>(jobs.size())), jobs);
    return request.send();
  };
  auto answer = co_await connection.ask<Results>(answerTime(0), kj::mv(call));
  if (!answer) co_return fail(answer.error());
  if (auto error = decode(answer->getError()); error.kind != ErrorKind::NONE) co_return fail(error);
  co_return capnp::clone(static_cast<const Results::Reader&>(*answer));
}

kj::Own<Results::Reader> joined(const std::vector<kj::Own<Results::Reader>>& groups) {
  unsigned count = 0, at = 0;
  for (const auto& group : groups) count += group->getResults().size();
  capnp::MallocMessageBuilder message;
  auto answer = message.initRoot<Results>();
  auto list = answer.initResults(count);
  for (const auto& group : groups) {
    for (auto cancelled : group->getResults()) list.setWithCaveats(at++, cancelled);
  }
  return capnp::clone(answer.asReader());
}

}  // namespace

// Of several groups all are looked for first, as the daemon can only tell of one whether all of it is there.
Task<Expected<CancelledJobs>> cancelJobs(LastingConnection& connection, std::vector<std::string> jobs, bool untilEnd) {
  if (jobs.size() > kGroup) {
    JobWait all(connection, jobs, false);
    auto there = co_await all.look();
    if (!there) co_return fail(there.error());
    jobs = all.jobs();
  }
  std::vector<kj::Own<Results::Reader>> answers;
  for (auto& group : inGroups(jobs)) {
    auto answer = co_await cancelGroup(connection, group);
    if (!answer) co_return fail(answer.error());
    answers.push_back(kj::mv(*answer));
  }
  auto results = joined(answers);
  std::vector<std::string> ids;
  for (auto cancelled : results->getResults()) ids.push_back(cancelled.getId().cStr());
  JobWait wait(connection, ids, false);
  auto known = co_await (untilEnd ? wait.untilEnd() : wait.look());
  if (!known) co_return fail(known.error());
  co_return CancelledJobs{kj::mv(results), kj::mv(*known)};
}

}  // namespace cbs::cli
