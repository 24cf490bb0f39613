#include "agentd/rpc/door.h"

#include "common/version.h"

#include <unistd.h>

namespace cbs::rpc {
namespace {

Error mismatch(uint32_t client) {
  return Error{ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, "the daemon speaks another protocol version"}
      .with("daemonProtocol", std::to_string(schema::PROTOCOL_VERSION))
      .with("clientProtocol", std::to_string(client));
}

}  // namespace

kj::Promise<void> Door::hello(HelloContext context) {
  greeted_->fulfill();
  auto results = context.getResults();
  introduce(results.initDaemon());
  auto agent = agentFor(context.getParams().getClient().getProtocol());
  if (agent) {
    results.setAgent(kj::mv(*agent));
  } else {
    encode(agent.error(), results.initError());
  }
  return kj::READY_NOW;
}

Expected<schema::Agent::Client> Door::agentFor(uint32_t protocol) {
  auto agent = makeAgent_(caller_);
  if (agent && protocol != schema::PROTOCOL_VERSION) return fail(mismatch(protocol));
  return agent;
}

void introduce(schema::PeerInfo::Builder to) {
  to.setProtocol(schema::PROTOCOL_VERSION);
  to.setVersion(kVersion);
  to.setPid(static_cast<uint32_t>(getpid()));
}

}  // namespace cbs::rpc
