// Waits for the ends of jobs.
#pragma once

#include "cli/jobs/lasting_connection.h"

#include <capnp/message.h>

namespace cbs::cli {

// What is known of the jobs, in the order in which they were asked for.
struct KnownJobs {
  kj::Own<schema::Agent::AwaitJobsResults::Reader> answer;

  bool done() const { return answer->getDone(); }
  capnp::List<schema::JobInfo>::Reader list() const { return answer->getJobs(); }
};

// One of several, in their order; done if all are.
KnownJobs joined(const std::vector<KnownJobs>& groups);

class JobWait {
 public:
  // `jobs` are ids, or names: the youngest job that has the name when it is looked at first. `any`: one of them is
  // waited for.
  JobWait(LastingConnection& connection, std::vector<std::string> jobs, bool any)
      : connection_(connection), jobs_(std::move(jobs)), any_(any) {}

  // The ids of the jobs, or what was given for them as long as they are not known.
  const std::vector<std::string>& jobs() const { return jobs_; }

  // What there is to know now. Fails with usage/jobNotFound, or as LastingConnection::ask.
  Task<Expected<KnownJobs>> look();

  // Resolves when they have ended.
  Task<Expected<KnownJobs>> untilEnd();

 private:
  // Some of `jobs_`.
  struct Group {
    size_t begin, size;
  };
  std::vector<Group> groups() const;
  Task<Expected<KnownJobs>> groupsEnd();
  Task<Expected<KnownJobs>> ask(Group group, uint64_t waitMs);

  LastingConnection& connection_;
  std::vector<std::string> jobs_;
  bool any_;
};

// Of the jobs that have ended the one that did so first; null if none has.
kj::Maybe<schema::JobInfo::Reader> firstEnded(const KnownJobs& jobs);

}  // namespace cbs::cli
