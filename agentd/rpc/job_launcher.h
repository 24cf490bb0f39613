// Starts jobs' commands, as those of callers who wait are.
#pragma once

#include "agentd/identity/resolver.h"
#include "agentd/queue/launcher.h"
#include "agentd/rpc/trail.h"
#include "agentd/rpc/work_log.h"
#include "schema/engine.capnp.h"

namespace cbs::rpc {

class JobLauncher final : public queue::Launcher {
 public:
  // What it is given outlives it.
  JobLauncher(identity::Resolver& resolver, schema::Engine::Client engine, WorkLog& log, AuditLog& audit)
      : resolver_(resolver), engine_(kj::mv(engine)), log_(log), audit_(audit) {}

  Task<Expected<Launched>> launch(Work work, schema::OutputSink::Client output) override;

 private:
  tl::unexpected<Error> refused(Trail& trail, Error why);

  identity::Resolver& resolver_;
  schema::Engine::Client engine_;
  WorkLog& log_;
  AuditLog& audit_;
};

}  // namespace cbs::rpc
