// An engine, and a test's own sshd that it can reach: what the tests of agentd/engine stand on.
#pragma once

#include "agentd/engine/engine_server.h"
#include "tests/unit/ssh/ssh_world.h"

#include <string>

namespace cbs::engine {

class TestIdentity final : public schema::Identity::Server {
 public:
  explicit TestIdentity(ssh::Signer& signer) : signer_(signer) {}
  kj::Promise<void> keys(KeysContext context) override { return giveKeys(context); }
  kj::Promise<void> sign(SignContext context) override { return giveSignature(context); }

 private:
  static std::string asString(capnp::Data::Reader data) {
    return {reinterpret_cast<const char*>(data.begin()), data.size()};
  }
  static capnp::Data::Reader asData(const std::string& bytes) {
    return kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
  }
  Task<void> giveKeys(KeysContext context) {
    auto keys = co_await signer_.keys();
    context.getResults().initKeys(1)[0].setBlob(asData(keys->keys.front().blob));
  }
  Task<void> giveSignature(SignContext context) {
    auto params = context.getParams();
    auto signature =
        co_await signer_.sign(asString(params.getKey()), asString(params.getData()), params.getAlgorithm().cStr());
    context.getResults().setSignature(asData(*signature));
  }

  ssh::Signer& signer_;
};

class TestTrust final : public schema::Trust::Server {
 public:
  kj::Promise<void> algorithms(AlgorithmsContext context) override {
    context.getResults().initAlgorithms(1).set(0, "ssh-ed25519");
    return kj::READY_NOW;
  }
  kj::Promise<void> judge(JudgeContext) override { return kj::READY_NOW; }
};

struct EngineWorld : ssh::World {
  explicit EngineWorld(test::SshdOptions options = {}) : World(std::move(options)) {}

  std::string remote(const std::string& name) { return sshd.remoteFolder() + "/" + name; }

  // Says where a request goes, and on whose behalf.
  template <typename Request>
  void address(Request& request) {
    auto host = request.initHost();
    host.setAlias("host");
    host.setHostName("127.0.0.1");
    host.setPort(sshd.port());
    host.setUser(sshd.user().c_str());
    host.setPoolKey("host");
    request.setIdentity(kj::heap<TestIdentity>(signer));
    request.setTrust(kj::heap<TestTrust>());
  }
  template <typename Condition>
  void until(Condition condition) {
    kj::TimePoint end = loop.timer.now() + 20 * kj::SECONDS;
    while (!condition()) {
      REQUIRE(loop.timer.now() < end);
      loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    }
  }

  schema::Engine::Client engine = kj::heap<EngineServer>(loop, pool::PoolLimits());
};

}  // namespace cbs::engine
