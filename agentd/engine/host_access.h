// From the engine's interface to the pool's: a host, and the callers' capabilities that know its keys.
#pragma once

#include "agentd/pool/host_access.h"
#include "schema/engine.capnp.h"

#include <memory>
#include <string>
#include <utility>

namespace cbs::engine {

// Where the host is.
ssh::TransportOptions transportOf(schema::ResolvedHost::Reader host);

// What every host on the way has in common.
struct AccessTerms {
  std::string caller;
  uint64_t connectTimeoutMs;  // overrides what the hosts' configuration says, unless it is 0
  std::string id;             // by which logs know what it is for
};

std::shared_ptr<pool::HostAccess> makeHostAccess(schema::ResolvedHost::Reader host, schema::Identity::Client identity,
                                                 schema::Trust::Client trust, const AccessTerms& terms);

// Reads the parameters of exec, or a place.
template <typename Params>
std::shared_ptr<const pool::HostAccess> hostAccessOf(Params params, std::string id) {
  AccessTerms terms{params.getCaller().cStr(), params.getConnectTimeoutMs(), std::move(id)};
  std::shared_ptr<const pool::HostAccess> way;
  for (auto hop : params.getJumps()) {
    auto jump = makeHostAccess(hop.getHost(), hop.getIdentity(), hop.getTrust(), terms);
    jump->jump = std::move(way);
    way = std::move(jump);
  }
  auto access = makeHostAccess(params.getHost(), params.getIdentity(), params.getTrust(), terms);
  access->jump = std::move(way);
  return access;
}

}  // namespace cbs::engine
