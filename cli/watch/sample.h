// What the daemon said about itself at one moment.
#pragma once

#include "schema/agent.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {

using HostList = capnp::List<schema::HostFigures>::Reader;

// A copy, so that the next one can be compared with it.
class Sample {
 public:
  Sample(schema::Stats::Reader stats, HostList hosts);

  schema::Stats::Reader stats() const { return stats_; }
  HostList hosts() const { return hosts_; }

 private:
  kj::Own<capnp::MallocMessageBuilder> message_;
  kj::Own<capnp::MallocMessageBuilder> hostMessage_;
  schema::Stats::Reader stats_;
  HostList hosts_;
};

}  // namespace cbs::cli
