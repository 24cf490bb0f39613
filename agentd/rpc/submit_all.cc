// Jobs for many targets at once (schema::Agent.submitAll).
#include "agentd/rpc/agent_server.h"

#include <kj/debug.h>

#include <algorithm>

namespace cbs::rpc {
namespace {

// So many share each wait for the disk, and no more keep the loop from what else there is to do.
constexpr unsigned kAtOnce = 250;

// Of so many errors the answer has everything, of more it leaves out the facts: it has to fit into a message.
constexpr unsigned kMostInDetail = 1000;

using Added = Expected<queue::Added>;

bool isDraining(const Added& added) { return !added && added.error().reason == Reason::DRAINING; }

void encode(const Added& added, unsigned& errors, schema::Submission::Builder to) {
  if (added) {
    to.setId(added->id.c_str());
    return to.setExisting(added->existing);
  }
  if (errors++ < kMostInDetail) return cbs::encode(added.error(), to.initError());
  cbs::encode(Error{added.error().kind, added.error().reason, added.error().detail}, to.initError());
}

// What a promise of its own would throw at all of them.
kj::Promise<Added> guarded(kj::Promise<Added> adding) {
  return adding.catch_([](kj::Exception&& exception) -> Added {
    return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr());
  });
}

}  // namespace

kj::Promise<void> AgentServer::submitAll(SubmitAllContext context) { return submitJobs(kj::mv(context)); }

Task<void> AgentServer::submitJobs(SubmitAllContext context) {
  auto request = context.getParams().getRequest();
  auto targets = context.getParams().getTargets();
  KJ_REQUIRE(targets.size() <= schema::MAX_FAN_OUT_TARGETS, "more than 250,000 targets at once");
  auto submissions = context.getResults().initSubmissions(targets.size());
  unsigned errors = 0;
  for (unsigned first = 0; first < targets.size(); first += kAtOnce) {
    std::vector<std::string> some;
    for (unsigned i = first; i < std::min(first + kAtOnce, targets.size()); ++i) some.emplace_back(targets[i].cStr());
    auto all = co_await takeJobs(request, some);
    std::vector<unsigned> rest;
    for (unsigned i = 0; i < all.size(); ++i) {
      if (isDraining(all[i]) && services_.succession.begun()) {
        rest.push_back(first + i);
      } else {
        tellSubmission(all[i], request, some[i]);
        encode(all[i], errors, submissions[first + i]);
      }
    }
    if (!rest.empty()) {
      for (unsigned i = first + kAtOnce; i < targets.size(); ++i) rest.push_back(i);
      co_return co_await submitRestToSuccessor(context, kj::mv(rest));
    }
  }
}

// All are looked up side by side, and then taken in their order.
Task<std::vector<Expected<queue::Added>>> AgentServer::takeJobs(schema::JobRequest::Reader request,
                                                                std::vector<std::string> targets) {
  auto caller = jobContext(request);
  kj::Vector<kj::Promise<Expected<PreparedJob>>> preparing(targets.size());
  for (const auto& target : targets)
    preparing.add(prepareJob(request, JobNames::at(target, request), caller).promise());
  kj::Vector<kj::Promise<Added>> taking(targets.size());
  for (auto& promise : preparing) {
    auto prepared = co_await promise;
    if (!prepared) {
      taking.add(Added(fail(kj::mv(prepared.error()))));
    } else {
      taking.add(guarded(services_.jobs.submit(kj::mv(prepared->job), kj::mv(prepared->assignment)).promise()));
    }
  }
  std::vector<Added> all;
  for (auto& promise : taking) all.push_back(co_await promise);
  co_return all;
}

// Those that the daemon has not taken before its successor came.
Task<void> AgentServer::submitRestToSuccessor(SubmitAllContext context, std::vector<unsigned> rest) {
  auto request = successor().submitAllRequest();
  request.setRequest(context.getParams().getRequest());
  auto targets = context.getParams().getTargets();
  auto left = request.initTargets(static_cast<unsigned>(rest.size()));
  for (unsigned i = 0; i < left.size(); ++i) left.set(i, targets[rest[i]]);
  auto answer = co_await request.send();
  auto told = answer.getSubmissions();
  auto submissions = context.getResults().getSubmissions();
  for (unsigned i = 0; i < told.size(); ++i) submissions.setWithCaveats(rest[i], told[i]);
}

}  // namespace cbs::rpc
