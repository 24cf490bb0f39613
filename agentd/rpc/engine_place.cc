#include "agentd/rpc/engine_place.h"

namespace cbs::rpc {

void describePlace(const Destination& host, schema::RemotePlace::Reader place, uint64_t connectTimeoutMs,
                   schema::Place::Builder to) {
  address(to, host);
  to.setConnectTimeoutMs(connectTimeoutMs);
  to.setPaths(place.getPaths());
}

}  // namespace cbs::rpc
