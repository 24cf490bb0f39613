#include "cli/watch/sample.h"

namespace cbs::cli {

Sample::Sample(schema::Stats::Reader stats, HostList hosts)
    : message_(kj::heap<capnp::MallocMessageBuilder>()), hostMessage_(kj::heap<capnp::MallocMessageBuilder>()) {
  message_->setRoot(stats);
  stats_ = message_->getRoot<schema::Stats>().asReader();
  auto list = hostMessage_->initRoot<schema::Agent::HostsResults>();
  list.setHosts(hosts);
  hosts_ = list.asReader().getHosts();
}

}  // namespace cbs::cli
