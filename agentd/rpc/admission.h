// What every piece of work needs before the engine gets it.
#pragma once

#include "agentd/rpc/caller.h"
#include "agentd/rpc/services.h"
#include "agentd/rpc/ssh_options.h"
#include "common/task.h"

#include <memory>

namespace cbs::rpc {

// Where a piece of work goes, and on whose behalf.
struct Destination {
  std::shared_ptr<const identity::Resolved> host;
  std::string caller;  // as engines tell callers apart
  identity::CallerContext context;
};

// A host that is known, and a lane to it. The lane is given back with the object.
struct Admission {
  Destination destination;
  queue::Lane lane;
  kj::Duration queued;                // how long it has waited for the lane
  kj::Maybe<kj::Duration> remaining;  // of its time; there is some
};

// What a piece of work says of itself.
struct Applicant {
  Caller caller;
  std::string target;
  identity::CallerContext context;
  schema::Priority priority = schema::Priority::NORMAL;
  uint64_t timeoutMs = 0;                // how much time it has, from now on; 0: as much as it takes
  queue::CommandQueue* lanes = nullptr;  // nullptr: those of commands
  std::string share = "";                // of the engine's channels that it takes from; "": the user's own
  Expected<identity::SshOptions> ssh = identity::SshOptions();  // an error: it comes to nothing for that
};

// What a caller of this user's says of its surroundings. The ssh-agents of other users than our own are left alone: we
// could not use them, and if we could that would be for everyone who may use us.
identity::CallerContext contextOf(schema::CallerContext::Reader caller, uid_t user);

// What makes two targets the same host for the queue: where a connection goes, and on what way, whoever logs in.
std::string hostKeyOf(schema::ResolvedHost::Reader host);

// Reads an ExecRequest.
template <typename Request>
Applicant applicantOf(Caller caller, Request request) {
  auto context = contextOf(request.getCaller(), caller.user);
  return {kj::mv(caller), request.getTarget().cStr(), kj::mv(context)};
}

// Fills in an engine's request, or a place: where it goes, and on whose behalf.
template <typename EngineRequest>
void address(EngineRequest& request, const Destination& to) {
  request.setHost(to.host->host());
  request.setIdentity(to.host->identityFor(to.context.asker));
  request.setTrust(to.host->trust());
  const auto& way = to.host->jumps();
  auto jumps = request.initJumps(static_cast<unsigned>(way.size()));
  for (unsigned i = 0; i < jumps.size(); ++i) {
    jumps[i].setHost(way[i]->host());
    jumps[i].setIdentity(way[i]->identityFor(to.context.asker));
    jumps[i].setTrust(way[i]->trust());
  }
  request.setCaller(to.caller);
}

// Looks the host up and waits for a lane. Being dropped, it gives its place in the queue up. When its time has passed
// it fails with timedOut/waitTimedOut, whose fact `timeoutMs` is what it had.
Task<Expected<Admission>> admit(Services& services, Applicant applicant);

}  // namespace cbs::rpc
