#include "common/client/request.h"

#include <algorithm>

namespace cbs::client {
namespace {

using std::chrono::milliseconds;

kj::ArrayPtr<const kj::byte> bytesOf(const std::string& text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

uint64_t msOf(milliseconds duration) { return static_cast<uint64_t>(std::max(duration, milliseconds(0)).count()); }

unsigned sizeOf(const auto& container) { return static_cast<unsigned>(container.size()); }

void fill(capnp::List<schema::CommandSpec::Variable>::Builder to, const auto& variables) {
  unsigned i = 0;
  for (const auto& [name, value] : variables) {
    to[i].setName(bytesOf(name));
    to[i++].setValue(bytesOf(value));
  }
}

void fill(capnp::List<schema::Label>::Builder to, const std::map<std::string, std::string>& labels) {
  unsigned i = 0;
  for (const auto& [name, value] : labels) {
    to[i].setName(textOf(name));
    to[i++].setValue(textOf(value));
  }
}

void describeSpec(const cbsession::Command& command, schema::CommandSpec::Builder to) {
  if (command.argv.empty()) {
    to.getCommand().setLine(bytesOf(command.line));
  } else {
    auto argv = to.getCommand().initArgv(sizeOf(command.argv));
    for (unsigned i = 0; i < argv.size(); ++i) argv.set(i, bytesOf(command.argv[i]));
  }
  fill(to.initEnvironment(sizeOf(command.environment)), command.environment);
  to.setWorkingDirectory(bytesOf(command.workingDirectory));
  to.setTimeoutMs(msOf(command.timeout));
}

void describeCaller(const Environment& surroundings, schema::CallerContext::Builder to) {
  auto authSock = surroundings.find("SSH_AUTH_SOCK");
  if (authSock != surroundings.end()) to.setAuthSock(textOf(authSock->second));
  fill(to.initEnvironment(sizeOf(surroundings)), surroundings);
}

}  // namespace

void describe(const cbsession::Command& command, const Environment& surroundings, schema::ExecRequest::Builder to) {
  to.setTarget(textOf(command.target));
  describeSpec(command, to.initSpec());
  to.setConnectTimeoutMs(msOf(command.connectTimeout));
  to.setIdempotent(command.idempotent);
  to.setRetries(command.retries);
  describeCaller(surroundings, to.initCaller());
  to.setPriority(static_cast<schema::Priority>(command.priority));
}

void describe(const cbsession::Job& job, const Environment& surroundings, schema::JobRequest::Builder to) {
  describe(job.command, surroundings, to.initExec());
  to.setName(textOf(job.name));
  fill(to.initLabels(sizeOf(job.labels)), job.labels);
  fill(to.initAfter(sizeOf(job.after)), job.after);
  fill(to.initAfterAny(sizeOf(job.afterAny)), job.afterAny);
  to.setIdempotencyKey(textOf(job.idempotencyKey));
  to.setDeadlineMs(msOf(job.deadline));
}

void describe(const cbsession::JobFilter& filter, schema::JobFilter::Builder to) {
  fill(to.initJobs(sizeOf(filter.jobs)), filter.jobs);
  auto states = to.initStates(sizeOf(filter.states));
  for (unsigned i = 0; i < states.size(); ++i) states.set(i, static_cast<schema::JobState>(filter.states[i]));
  fill(to.initLabels(sizeOf(filter.labels)), filter.labels);
  to.setTarget(textOf(filter.target));
  to.setBefore(textOf(filter.before));
  to.setLimit(filter.limit);
  to.setFailed(filter.failed);
}

void fill(capnp::List<capnp::Text>::Builder to, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, textOf(texts[i]));
}

kj::StringPtr textOf(const std::string& text) { return {text.c_str(), text.size()}; }

}  // namespace cbs::client
