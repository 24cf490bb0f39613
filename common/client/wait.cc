// Calls::wait: long polls, one after the other, over as many connections as it takes.
#include "common/client/calls.h"
#include "common/client/patience.h"
#include "common/client/request.h"

#include <iterator>

namespace cbs::client {
namespace {

using Jobs = std::vector<cbsession::JobInfo>;

constexpr size_t kJobsAtOnce = 1000;  // an answer tells of every one of them
constexpr uint64_t kPollMs = 60'000;  // schema/agent.capnp, awaitJobs

// What a daemon that ends, or is being started again, brings about.
bool passes(const Error& error) {
  bool refused = error.reason == Reason::VERSION_MISMATCH || error.reason == Reason::PEER_REFUSED;
  return error.kind == ErrorKind::AGENT_UNREACHABLE && !refused;
}

}  // namespace

Task<Expected<Calls::Polled>> Calls::poll(const std::vector<std::string>& jobs, uint64_t waitMs) {
  auto connection = co_await link_.get();
  if (!connection) co_return fail(std::move(connection.error()));
  auto request = (*connection)->agent().awaitJobsRequest();
  fill(request.initJobs(static_cast<unsigned>(jobs.size())), jobs);
  request.setWaitMs(waitMs);
  auto answer = co_await ask(loop_.timer, kj::mv(request), waitMs * kj::MILLISECONDS);
  if (!answer) co_return fail(std::move(answer.error()));
  Polled polled{readJobs(answer->getJobs()), answer->getDone()};
  if (polled.jobs.size() == jobs.size()) co_return polled;
  co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, "an answer about other jobs");
}

// The first poll only asks which jobs there are: names stand for the jobs that have them now, whatever comes later.
Task<Expected<Jobs>> Calls::waitForSome(std::vector<std::string> jobs) {
  Patience patience(loop_.timer, settings_.patience);
  bool known = false;
  bool reached = false;
  for (;;) {
    auto polled = co_await poll(jobs, known ? kPollMs : 0);
    if (polled && polled->done) co_return kj::mv(polled->jobs);
    if (polled) {
      for (size_t i = 0; i < jobs.size(); ++i) jobs[i] = polled->jobs[i].id;
      known = reached = true;
      patience.renew();
      continue;
    }
    if (polled.error().reason == Reason::CONNECTION_LOST) reached = true;
    if (!reached || !passes(polled.error()) || !co_await patience.another()) co_return fail(std::move(polled.error()));
  }
}

Task<Expected<cbsession::JobInfo>> Calls::wait(std::string job) {
  auto ended = co_await waitForSome({std::move(job)});
  if (!ended) co_return fail(std::move(ended.error()));
  co_return kj::mv(ended->front());
}

Task<Expected<Jobs>> Calls::waitAll(std::vector<std::string> jobs) {
  Jobs ended;
  ended.reserve(jobs.size());
  for (size_t at = 0; at < jobs.size(); at += kJobsAtOnce) {
    auto end = std::min(jobs.size(), at + kJobsAtOnce);
    auto some =
        co_await waitForSome({jobs.begin() + static_cast<ptrdiff_t>(at), jobs.begin() + static_cast<ptrdiff_t>(end)});
    if (!some) co_return fail(std::move(some.error()));
    std::move(some->begin(), some->end(), std::back_inserter(ended));
  }
  co_return ended;
}

}  // namespace cbs::client
