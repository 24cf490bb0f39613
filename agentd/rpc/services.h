// What callers' requests are served with.
#pragma once

#include "agentd/identity/resolver.h"
#include "agentd/queue/command_queue.h"
#include "agentd/queue/job_keeper.h"
#include "agentd/rpc/audit_log.h"
#include "agentd/rpc/fan_outs.h"
#include "agentd/rpc/succession.h"
#include "agentd/rpc/vitals.h"
#include "agentd/rpc/work_log.h"
#include "common/config.h"
#include "common/loop.h"
#include "schema/engine.capnp.h"

#include <kj/function.h>

namespace cbs::rpc {

// Refers to parts that outlive every caller.
struct Services {
  Loop loop;
  const Config& config;
  identity::Resolver& resolver;
  queue::CommandQueue& queue;
  queue::CommandQueue& fanOutQueue;  // lanes of their own, so that no command waits for a thousand hosts
  queue::JobKeeper& jobs;
  schema::Engine::Client engine;
  WorkLog& work;
  Vitals& vitals;
  kj::Function<size_t()> callers;               // how many are connected
  kj::Function<void(kj::Duration grace)> stop;  // begins the daemon's end
  kj::Function<void(kj::Duration limit)>
      drain;  // the same, once all that was accepted has run, at the latest after this
  kj::Function<tl::expected<std::vector<ConfigChange>, std::vector<ConfigFault>>()> reload;
  // Why HTTP is not served; "": it is, or is off.
  kj::Function<std::string()> httpFault = []() { return std::string(); };
  AuditLog& audit;
  FanOuts& fanOuts;

  // Has another daemon take this one's place, and gives its pid (schema::Agent.replace).
  kj::Function<kj::Promise<Expected<pid_t>>()> replace = []() -> kj::Promise<Expected<pid_t>> {
    return Expected<pid_t>(0);
  };
  Succession succession = {};
};

}  // namespace cbs::rpc
