#include "cli/watch/daemon_source.h"

#include "cli/call_failure.h"
#include "common/deadline.h"
#include "common/local_socket.h"
#include "common/offload.h"
#include "common/version.h"

namespace cbs::cli {
namespace {

using HostsPromise = kj::Promise<capnp::Response<schema::Agent::HostsResults>>;

constexpr auto kAnswerTime = 10 * kj::SECONDS;

// Null from a daemon that is older than the method.
Task<kj::Maybe<capnp::Response<schema::Agent::HostsResults>>> hostsIfKnown(HostsPromise hosts) {
  try {
    co_return co_await hosts;
  } catch (const kj::Exception& exception) {
    if (exception.getType() != kj::Exception::Type::UNIMPLEMENTED) throw;
  }
  co_return nullptr;
}

}  // namespace

DaemonSource::DaemonSource(Loop loop, kj::AutoCloseFd socket, std::string path)
    : loop_(loop), path_(std::move(path)), client_(kj::heap<AgentClient>(loop, kj::mv(socket), kVersion)) {}

Task<Expected<Sample>> DaemonSource::ask(uint32_t hosts) {
  if (client_.get() == nullptr) {
    auto connected = co_await connect();
    if (!connected) co_return fail(connected.error());
  }
  Error silent{ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it did not answer for ten seconds"};
  auto sample = co_await within(loop_.timer, kAnswerTime, silent, askOnce(hosts));
  if (!sample) client_ = nullptr;
  co_return kj::mv(sample);
}

// On a thread, as a daemon whose queue of callers is full lets us wait.
Task<Expected<void>> DaemonSource::connect() {
  auto socket = co_await offloadFor<Expected<kj::AutoCloseFd>>(loop_, [path = path_]() { return connectLocal(path); });
  if (!socket) co_return fail(socket.error());
  client_ = kj::heap<AgentClient>(loop_, kj::mv(*socket), kVersion);
  co_return Expected<void>();
}

Task<Expected<Sample>> DaemonSource::askOnce(uint32_t hosts) {
  kj::Maybe<kj::Exception> failure;
  try {
    auto stats = client_->agent().statsRequest().send();
    auto request = client_->agent().hostsRequest();
    request.setLimit(hosts);
    auto busiest = hostsIfKnown(request.send());
    auto answer = co_await stats;
    auto known = co_await busiest;
    HostList list;
    KJ_IF_MAYBE (found, known) list = found->getHosts();
    co_return Sample(answer.getStats(), list);
  } catch (const kj::Exception& exception) {
    failure = kj::cp(exception);
  }
  co_return fail(co_await whyFailed(kj::mv(KJ_ASSERT_NONNULL(failure))));
}

Task<Error> DaemonSource::whyFailed(kj::Exception exception) {
  auto greeting = co_await client_->greeting();
  co_return callFailure(greeting, exception);
}

}  // namespace cbs::cli
