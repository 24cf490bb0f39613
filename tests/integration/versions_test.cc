// Programs and daemons of different versions.
#include "common/agent_client.h"
#include "tests/support/failure.h"
#include "tests/support/private_agent.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// Knows no call at all.
class BareAgent final : public schema::Agent::Server {};

// Says hello as a daemon of another version would.
class ForeignDoor final : public schema::Door::Server {
 public:
  ForeignDoor(uint32_t protocol, pid_t pid) : protocol_(protocol), pid_(pid) {}
  kj::Promise<void> hello(HelloContext context) override {
    auto results = context.getResults();
    auto daemon = results.initDaemon();
    daemon.setProtocol(protocol_);
    daemon.setVersion("9.9.9");
    daemon.setPid(static_cast<uint32_t>(pid_));
    uint32_t client = context.getParams().getClient().getProtocol();
    if (client == protocol_) {
      results.setAgent(kj::heap<BareAgent>());
    } else {
      encode(Error{ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, "another version"}
                 .with("daemonProtocol", std::to_string(protocol_))
                 .with("clientProtocol", std::to_string(client)),
             results.initError());
    }
    return kj::READY_NOW;
  }

 private:
  uint32_t protocol_;
  pid_t pid_;
};

// A daemon of another version at the agent's socket, for one caller. Its process is one that merely sleeps.
class ForeignDaemon {
 public:
  ForeignDaemon(const PrivateAgent& agent, uint32_t protocol)
      : agent_(agent), protocol_(protocol), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    agent.socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) failErrno("bind");
    if (listen(listener_.get(), 1) != 0) failErrno("listen");
  }

  CliResult cli(const std::vector<std::string>& arguments) {
    auto process = agent_.startCli(arguments);
    auto stream = io_.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(accept(listener_.get(), nullptr, nullptr)));
    capnp::TwoPartyClient server(*stream, 1, kj::heap<ForeignDoor>(protocol_, process_.pid()),
                                 capnp::rpc::twoparty::Side::SERVER);
    server.onDisconnect().wait(io_.waitScope);
    return process.finish();
  }
  ChildProcess& process() { return process_; }

 private:
  const PrivateAgent& agent_;
  uint32_t protocol_;
  UniqueFd listener_;
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  ChildProcess process_{{.argv = {"sleep", "1000"}}};
};

TEST_CASE("a daemon of a newer or an older protocol is told as such, and agent stop ends it") {
  for (uint32_t protocol : {schema::PROTOCOL_VERSION + 1, schema::PROTOCOL_VERSION - 1}) {
    bool newer = protocol > schema::PROTOCOL_VERSION;
    PrivateAgent agent;
    ForeignDaemon daemon(agent, protocol);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"exec", "web1", "true"}, {"stats"}, {"stats", "--watch"}}) {
      auto result = daemon.cli(words);
      CHECK(result.code == 240);
      CHECK(contains(result.err, newer ? "the daemon is newer than this program (9.9.9, pid "
                                       : "the daemon speaks another version (9.9.9, pid "));
      CHECK(contains(result.err, "cbsession agent stop"));
    }
    auto stopped = daemon.cli({"agent", "stop"});
    CHECK(stopped.code == 0);
    CHECK(contains(stopped.out, "stopped, pid "));
    CHECK(daemon.process().wait().code == 128 + SIGTERM);
  }
}

TEST_CASE("a daemon that does not know a call yet is told as older, in our words") {
  PrivateAgent agent;
  ForeignDaemon daemon(agent, schema::PROTOCOL_VERSION);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"exec", "web1", "true"}, {"stats"}, {"stats", "--watch"}, {"jobs"}}) {
    auto result = daemon.cli(words);
    CHECK(result.code == 240);
    CHECK(contains(result.err, "the daemon is older than this program (version 9.9.9, here "));
    CHECK(contains(result.err, "Next: cbsession agent stop, or agent reload --exec"));
    CHECK_FALSE(contains(result.err, "implemented"));
  }
}

}  // namespace
}  // namespace cbs::test
