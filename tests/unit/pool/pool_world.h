// A pool on a server of the test's own.
#pragma once

#include "agentd/pool/pool.h"
#include "tests/unit/ssh/ssh_world.h"

#include <memory>
#include <string>
#include <utility>

namespace cbs::pool {

using ssh::World;

// A pool and the ways to hosts of a test.
struct PoolWorld : World {
  explicit PoolWorld(PoolLimits limits = {}, test::SshdOptions options = {})
      : World(std::move(options)), pool(loop, limits) {}

  std::shared_ptr<HostAccess> access(const std::string& address = "127.0.0.1", uint16_t port = 0) {
    auto access = std::make_shared<HostAccess>();
    access->key = sshd.user() + "@" + address + ":" + std::to_string(port);
    access->alias = address;
    access->dial.transport = {address, port == 0 ? sshd.port() : port, AF_UNSPEC, ""};
    access->dial.user = sshd.user();
    access->signer = std::shared_ptr<ssh::Signer>(&signer, [](ssh::Signer*) {});
    access->judge = std::shared_ptr<ssh::HostKeyJudge>(&judge, [](ssh::HostKeyJudge*) {});
    return access;
  }
  // The same server as another host.
  std::shared_ptr<HostAccess> accessAs(const std::string& key, uint16_t port = 0) {
    auto result = access("127.0.0.1", port);
    result->key = key;
    return result;
  }
  // On behalf of a caller.
  std::shared_ptr<HostAccess> accessFor(const std::string& caller) {
    auto result = access();
    result->caller = caller;
    return result;
  }
  kj::Promise<Expected<Lease>> ask(std::shared_ptr<HostAccess> access, Use use = Use::SESSION) {
    return pool.borrow(kj::mv(access), use);
  }
  Lease borrow(std::shared_ptr<HostAccess> access, Use use = Use::SESSION) {
    auto lease = ask(kj::mv(access), use).wait(io.waitScope);
    if (!lease) FAIL(nameOf(lease.error().reason) << ": " << lease.error().detail);
    return kj::mv(*lease);
  }
  // Lets the loop run until `condition` holds.
  template <typename Condition>
  void until(Condition condition) {
    kj::TimePoint end = loop.timer.now() + 20 * kj::SECONDS;
    while (!condition()) {
      REQUIRE(loop.timer.now() < end);
      loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    }
  }
  size_t connections() {
    size_t count = 0;
    pool.forEachHost([&](const HostPool& host) { count += host.members().size(); });
    return count;
  }
  uint64_t bytesIn() {
    uint64_t bytes = 0;
    pool.forEachHost([&](const HostPool& host) {
      for (const auto& member : host.members()) bytes += member->connection->bytesIn();
    });
    return bytes;
  }
  size_t idle() {
    size_t count = 0;
    pool.forEachHost([&](const HostPool& host) {
      for (const auto& member : host.members()) count += member->idle() ? 1 : 0;
    });
    return count;
  }

  Pool pool;
};

}  // namespace cbs::pool
