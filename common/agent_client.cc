#include "common/agent_client.h"

#include "common/gathering_stream.h"

#include <unistd.h>

namespace cbs {
namespace {

constexpr auto kHelloTime = 5 * kj::SECONDS;    // a daemon whose loop lives answers in less than a millisecond
constexpr kj::uint kDescriptorsPerMessage = 1;  // an OpenFile

tl::unexpected<Error> noHello(std::string detail) {
  return fail(ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, std::move(detail));
}

Expected<DaemonInfo> judge(schema::Door::HelloResults::Reader answer) {
  auto daemon = answer.getDaemon();
  DaemonInfo info{daemon.getVersion().cStr(), static_cast<pid_t>(daemon.getPid())};
  auto error = decode(answer.getError());
  if (error.kind != ErrorKind::NONE) {
    return fail(std::move(error).with("daemonVersion", info.version).with("pid", std::to_string(info.pid)));
  }
  if (!answer.hasAgent()) return noHello("the daemon offers no agent");
  return info;
}

// What the hello brought, or why it brought nothing.
kj::Promise<Expected<DaemonInfo>> judged(kj::Timer& timer,
                                         kj::Promise<capnp::Response<schema::Door::HelloResults>> hello) {
  auto answer = hello.then(
      [](auto&& response) { return judge(response); },
      [](kj::Exception&& exception) -> Expected<DaemonInfo> { return noHello(exception.getDescription().cStr()); });
  auto deadline = timer.afterDelay(kHelloTime).then([]() -> Expected<DaemonInfo> {
    return noHello("it did not answer for five seconds");
  });
  return answer.exclusiveJoin(kj::mv(deadline));
}

}  // namespace

AgentClient::AgentClient(Loop loop, kj::AutoCloseFd socket, kj::StringPtr version)
    : stream_(kj::heap<GatheringStream>(loop.io.wrapUnixSocketFd(kj::mv(socket)))),
      client_(*stream_, kDescriptorsPerMessage),
      hello_(sayHello(version)),
      agent_(hello_.getAgent()),
      greeting_(judged(loop.timer, kj::mv(hello_)).fork()) {}

AgentClient::Hello AgentClient::sayHello(kj::StringPtr version) {
  auto request = client_.bootstrap().castAs<schema::Door>().helloRequest();
  auto client = request.initClient();
  client.setProtocol(schema::PROTOCOL_VERSION);
  client.setVersion(version);
  client.setPid(static_cast<uint32_t>(getpid()));
  return request.send();
}

}  // namespace cbs
