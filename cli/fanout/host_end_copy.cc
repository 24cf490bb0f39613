#include "cli/fanout/host_end_copy.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

template <typename Reader>
kj::Own<Reader> copyOfMessage(const kj::Own<Reader>& from) {
  if (from.get() == nullptr) return {};
  return capnp::clone(*from);
}

}  // namespace

ExecEnd execEndOf(const HostEnd& end) { return {copyOfMessage(end.outcome), end.error, end.exitCode}; }

TransferEnd transferEndOf(const HostEnd& end) { return {copyOfMessage(end.result), end.error, end.exitCode}; }

HostEnd copyOf(const HostEnd& end) {
  return {end.error, end.exitCode, copyOfMessage(end.outcome), copyOfMessage(end.result)};
}

}  // namespace cbs::cli
