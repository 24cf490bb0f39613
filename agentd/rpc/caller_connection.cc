#include "agentd/rpc/caller_connection.h"

#include "common/gathering_stream.h"

#include <sys/ioctl.h>

namespace cbs::rpc {
namespace {

constexpr auto kHelloTime = 10 * kj::SECONDS;   // schema/agent.capnp, Door.hello
constexpr kj::uint kDescriptorsPerMessage = 1;  // an OpenFile

// The largest message, in words of eight bytes: a command line may have two megabytes (ARG_MAX), with its environment.
// Answers are bounded by it as well, and a list of jobs is the longest of them.
constexpr uint64_t kMessageWords = 32 * 1024 * 1024 / sizeof(capnp::word);

// Calls that are not answered yet: several of the largest, and many more than a stream of standard input keeps under
// way.
constexpr size_t kUnansweredWords = 32 * 1024 * 1024 / sizeof(capnp::word);

// What those need who may only look, or only say hello.
constexpr uint64_t kViewerWords = 4 * 1024 * 1024 / sizeof(capnp::word);
constexpr uint64_t kStrangerWords = 64 * 1024 / sizeof(capnp::word);

uint64_t messageWords(Role role) {
  if (role == Role::NOBODY) return kStrangerWords;
  return role == Role::VIEWER ? kViewerWords : kMessageWords;
}

capnp::ReaderOptions boundedReading(Role role) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = messageWords(role);
  options.nestingLimit = 32;
  return options;
}

kj::Own<kj::AsyncCapabilityStream> wrap(Loop loop, kj::AutoCloseFd socket) {
  return kj::heap<GatheringStream>(loop.io.wrapUnixSocketFd(
      kj::mv(socket), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK));
}

}  // namespace

CallerConnection::CallerConnection(Loop loop, kj::AutoCloseFd socket, Caller caller, Role role, MakeAgent& makeAgent)
    : timer_(loop.timer),
      role_(role),
      socket_(socket.get()),
      stream_(wrap(loop, kj::mv(socket))),
      network_(*stream_, kDescriptorsPerMessage, capnp::rpc::twoparty::Side::SERVER, boundedReading(role)),
      system_(capnp::makeRpcServer(network_, kj::heap<Door>(makeAgent, kj::mv(caller), kj::mv(greeting_.fulfiller)))) {
  system_.setFlowLimit(kUnansweredWords);
}

bool CallerConnection::hasUnread() const {
  int bytes = 0;
  return ioctl(socket_, FIONREAD, &bytes) == 0 && bytes > 0;
}

kj::Promise<void> CallerConnection::whenOver() {
  auto greeted = greeting_.promise.then([]() { return true; });
  auto silent = timer_.afterDelay(kHelloTime).then([]() { return false; });
  if (role_ == Role::NOBODY) return silent.ignoreResult().exclusiveJoin(network_.onDisconnect());
  auto turnedAway = greeted.exclusiveJoin(kj::mv(silent)).then([](bool greeted) -> kj::Promise<void> {
    if (greeted) return kj::NEVER_DONE;
    return kj::READY_NOW;
  });
  return turnedAway.exclusiveJoin(network_.onDisconnect());
}

}  // namespace cbs::rpc
