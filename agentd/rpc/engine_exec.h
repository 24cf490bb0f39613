// Asks an engine for a command.
#pragma once

#include "agentd/rpc/admission.h"
#include "schema/engine.capnp.h"

namespace cbs::rpc {

using EngineExec = capnp::Request<schema::Engine::ExecParams, schema::Engine::ExecResults>;

// Fills in where it goes, on whose behalf, and the variables that SendEnv chooses.
void addressExec(EngineExec& request, const Destination& to);

}  // namespace cbs::rpc
