#include "cli/jobs/job_listing.h"

#include "cli/jobs/groups.h"
#include "cli/jobs/text_list.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

using Part = capnp::Response<schema::Agent::JobsResults>;

// A filter lets fall what it does not know, so it is asked for by other means.
Expected<void> checkThere(Session& session, const std::vector<std::string>& jobs) {
  for (auto& group : inGroups(jobs)) {
    auto request = session.agent().awaitJobsRequest();
    setTexts(request.initJobs(static_cast<unsigned>(group.size())), group);
    auto answer = session.ask(request.send());
    if (!answer) return fail(answer.error());
    if (auto error = decode(answer->getError()); error.kind != ErrorKind::NONE) return fail(error);
  }
  return {};
}

Expected<Part> ask(Session& session, const JobFilterOptions& options, uint32_t limit, const std::string& before) {
  auto request = session.agent().jobsRequest();
  auto filter = request.initFilter();
  describeFilter(options, filter);
  filter.setLimit(limit);
  filter.setBefore(before.c_str());
  auto part = session.ask(request.send());
  if (!part) return fail(part.error());
  if (auto error = decode(part->getError()); error.kind != ErrorKind::NONE) return fail(error);
  return kj::mv(*part);
}

JobListing joined(const std::vector<Part>& parts, uint32_t count, bool more) {
  capnp::MallocMessageBuilder message;
  auto answer = message.initRoot<schema::Agent::JobsResults>();
  answer.setMore(more);
  auto list = answer.initJobs(count);
  unsigned at = 0;
  for (const Part& part : parts) {
    for (auto job : part.getJobs()) list.setWithCaveats(at++, job);
  }
  return {capnp::clone(answer.asReader())};
}

}  // namespace

Expected<JobListing> listJobs(Session& session, const JobFilterOptions& options) {
  if (auto there = checkThere(session, options.jobs); !there) return fail(there.error());
  std::vector<Part> parts;
  std::string before;
  uint32_t count = 0;
  bool more = true;
  while (more && (options.limit == 0 || count < options.limit)) {
    auto part = ask(session, options, options.limit == 0 ? 0 : options.limit - count, before);
    if (!part) return fail(part.error());
    auto jobs = part->getJobs();
    more = part->getMore() && jobs.size() > 0;  // nothing to go on from otherwise
    count += jobs.size();
    if (more) before = jobs[jobs.size() - 1].getId().cStr();
    parts.push_back(kj::mv(*part));
  }
  return joined(parts, count, more);
}

}  // namespace cbs::cli
