// What every piece of work needs before the engine gets it.
#pragma once

#include "agentd/rpc/services.h"
#include "common/task.h"

#include <memory>

namespace cbs::rpc {

// A host that is known, and a lane to it. The lane is given back with the object.
struct Admission {
  std::shared_ptr<const identity::Resolved> host;
  queue::Lane lane;
  std::string caller;  // as engines tell callers apart
  identity::CallerContext context;
  kj::Duration queued;  // how long it has waited for the lane
};

// What a piece of work says of itself.
struct Applicant {
  uid_t uid;
  std::string target;
  identity::CallerContext caller;
  uint64_t patienceMs;  // how long it waits for a lane; 0: as long as it takes
};

identity::CallerContext contextOf(schema::CallerContext::Reader caller);

// Reads an ExecRequest or TransferRequest.
template <typename Request>
Applicant applicantOf(uid_t uid, Request request, uint64_t patienceMs) {
  return {uid, request.getTarget().cStr(), contextOf(request.getCaller()), patienceMs};
}

// Fills in an engine's request: where it goes, and on whose behalf.
template <typename EngineRequest>
void address(EngineRequest& request, const Admission& admission) {
  request.setHost(admission.host->host());
  request.setIdentity(admission.host->identityFor(admission.context.asker));
  request.setTrust(admission.host->trust());
  const auto& way = admission.host->jumps();
  auto jumps = request.initJumps(static_cast<unsigned>(way.size()));
  for (unsigned i = 0; i < jumps.size(); ++i) {
    jumps[i].setHost(way[i]->host());
    jumps[i].setIdentity(way[i]->identityFor(admission.context.asker));
    jumps[i].setTrust(way[i]->trust());
  }
  request.setCaller(admission.caller);
}

// Looks the host up and waits for a lane. Being dropped, it gives its place in the queue up.
Task<Expected<Admission>> admit(Services& services, Applicant applicant);

}  // namespace cbs::rpc
