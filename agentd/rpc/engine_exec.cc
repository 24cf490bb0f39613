#include "agentd/rpc/engine_exec.h"

#include "agentd/identity/resolved_host.h"

namespace cbs::rpc {

void addressExec(EngineExec& request, const Destination& to) {
  address(request, to);
  auto variables = identity::sentVariables(to.host->sendEnv(), to.context.environment());
  auto environment = request.initEnvironment(static_cast<unsigned>(variables.size()));
  for (unsigned i = 0; i < environment.size(); ++i) {
    environment[i].setName(kj::StringPtr(variables[i].first.c_str(), variables[i].first.size()).asBytes());
    environment[i].setValue(kj::StringPtr(variables[i].second.c_str(), variables[i].second.size()).asBytes());
  }
}

}  // namespace cbs::rpc
