#include "agentd/rpc/fan_out_request.h"

#include "agentd/rpc/fan_out_commands.h"
#include "agentd/rpc/fan_out_upload.h"
#include "common/deadline.h"
#include "common/not_allowed.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

constexpr size_t kMostInput = size_t{16} << 20;

void require(bool condition, std::string_view otherwise) {
  if (!condition) kj::throwFatalException(badRequest(otherwise));
}

void requireSense(schema::ExecRequest::Reader exec, capnp::Data::Reader input) {
  require(!exec.getSpec().hasTerminal() && !exec.hasTerminal(), "there is no terminal for many hosts");
  require(input.size() == 0 || exec.getSpec().getForwardStdin(), "there is input that no command is to get");
  require(input.size() <= kMostInput, "the input for all hosts is larger than 16 MiB");
}

// A host's command needs all of them, and waits for no more than a few minutes.
uint32_t mostAtOnce(const Config& config) {
  return std::max(
      1U, std::min({config.fanOut.poolSize, config.ssh.maxConnectionsPerInstance, config.ssh.maxChannelsPerCaller}));
}

}  // namespace

void requireSense(schema::FanOutRequest::Reader request) {
  auto targets = request.getTargets();
  require(targets.size() > 0, "there are no targets");
  require(targets.size() <= schema::MAX_FAN_OUT_TARGETS, "there are more than 250000 targets");
  auto work = request.getWork();
  require(work.isExec() || work.isUpload(), "there is nothing to do on the hosts that this daemon knows");
  if (work.isExec()) requireSense(work.getExec(), request.getInput());
}

core::FanLimits fanLimitsOf(schema::FanOutRequest::Reader request, const Config& config, kj::TimePoint now) {
  const uint32_t atOnce = request.getAtOnce() > 0 ? request.getAtOnce() : config.fanOut.atOnce;
  core::FanLimits limits{.hosts = request.getTargets().size(),
                         .atOnce = std::min(mostAtOnce(config), atOnce),
                         .batch = request.getBatch(),
                         .maxFailures = request.getMaxFailures(),
                         .delay = limitOf(request.getDelayMs())};
  if (request.getDeadlineMs() > 0) limits.deadline = now + limitOf(request.getDeadlineMs());
  return limits;
}

kj::Own<HostWorks> hostWorksOf(Services& services, const Caller& caller, schema::FanOutRequest::Reader request) {
  if (request.getWork().isUpload()) return kj::heap<FanOutUploads>(services, caller, request);
  return kj::heap<FanOutCommands>(services, caller, request.getWork().getExec(), request.getInput());
}

}  // namespace cbs::rpc
