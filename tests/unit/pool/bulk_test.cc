#include "tests/unit/pool/pool_world.h"

#include <vector>

namespace cbs::pool {
namespace {

using Leases = std::vector<Lease>;

Leases borrowSome(PoolWorld& world, int count, Use use) {
  Leases leases;
  for (int i = 0; i < count; ++i) leases.push_back(world.borrow(world.access(), use));
  return leases;
}

TEST_CASE("a command is not lent the connection of a transfer") {
  PoolWorld world;
  Lease transfer = world.borrow(world.access(), Use::BULK);
  Lease command = world.borrow(world.access());
  CHECK_FALSE(command.reused);
  CHECK(command.member.get() != transfer.member.get());
  CHECK(transfer.member->carriesBulk());
  CHECK_FALSE(command.member->carriesBulk());
}

TEST_CASE("a transfer is not lent the connection of a command") {
  PoolWorld world;
  Lease command = world.borrow(world.access());
  Lease transfer = world.borrow(world.access(), Use::BULK);
  CHECK_FALSE(transfer.reused);
  CHECK(command.member.get() != transfer.member.get());
  Lease another = world.borrow(world.access());
  CHECK(another.member.get() == command.member.get());
}

TEST_CASE("a tunnel does not share a connection with a transfer") {
  PoolWorld world;
  Lease transfer = world.borrow(world.access(), Use::BULK);
  auto tunnel = world.pool.find(world.access()->key)->reserveTunnel(world.access()).promise().wait(world.io.waitScope);
  REQUIRE(tunnel);
  CHECK(&tunnel->member() != transfer.member.get());
}

TEST_CASE("an idle connection is lent to a transfer, and to commands again when that has ended") {
  PoolWorld world;
  { Lease command = world.borrow(world.access()); }
  world.until([&]() { return world.idle() == 1; });
  {
    Lease transfer = world.borrow(world.access(), Use::BULK);
    CHECK(transfer.reused);
    CHECK(transfer.member->carriesBulk());
  }
  world.until([&]() { return world.idle() == 1; });
  Lease command = world.borrow(world.access());
  CHECK(command.reused);
  CHECK_FALSE(command.member->carriesBulk());
  CHECK(world.pool.counters().created == 1);
}

TEST_CASE("the streams of transfers share a connection as long as it has room") {
  PoolWorld world({.host = {.maxChannelsPerConnection = 3}});
  { Lease first = world.borrow(world.access()), second = world.borrow(world.access(), Use::BULK); }
  world.until([&]() { return world.idle() == 2; });
  Leases leases = borrowSome(world, 3, Use::BULK);
  CHECK(leases[0].member.get() == leases[1].member.get());
  CHECK(leases[0].member.get() == leases[2].member.get());
  Lease fourth = world.borrow(world.access(), Use::BULK);
  CHECK(fourth.member.get() != leases[0].member.get());
  CHECK(fourth.reused);  // the idle one
}

TEST_CASE("transfers leave one connection to commands, and wait in line for theirs") {
  PoolWorld world({.host = {.maxConnections = 2, .maxChannelsPerConnection = 1}});
  auto transfer = std::make_unique<Lease>(world.borrow(world.access(), Use::BULK));
  auto second = world.ask(world.access(), Use::BULK);
  CHECK_FALSE(second.poll(world.io.waitScope));
  CHECK(world.pool.find(world.access()->key)->dials().empty());
  { Lease command = world.borrow(world.access()); }
  world.until([&]() { return world.idle() == 1; });
  CHECK_FALSE(second.poll(world.io.waitScope));
  Lease command = world.borrow(world.access());
  CHECK(world.connections() == 2);
  CHECK_FALSE(second.poll(world.io.waitScope));
  transfer.reset();
  CHECK(second.wait(world.io.waitScope));
}

TEST_CASE("a transfer waits for a connection without commands where no other can be made") {
  PoolWorld world({.host = {.maxConnections = 2, .maxChannelsPerConnection = 2}});
  auto kept = std::make_unique<Leases>(borrowSome(world, 3, Use::SESSION));
  REQUIRE(world.connections() == 2);
  auto transfer = world.ask(world.access(), Use::BULK);
  CHECK_FALSE(transfer.poll(world.io.waitScope));
  CHECK(world.connections() == 2);
  kept.reset();
  auto lease = transfer.wait(world.io.waitScope);
  REQUIRE(lease);
  CHECK((*lease).member->carriesBulk());
}

TEST_CASE("while a transfer waits for an idle connection, commands keep to one of those that are there") {
  PoolWorld world({.host = {.maxConnections = 2, .maxChannelsPerConnection = 3}});
  Leases busy = borrowSome(world, 4, Use::SESSION);
  REQUIRE(world.connections() == 2);
  Member* fuller = busy[0].member.get();
  Member* emptier = busy[3].member.get();
  REQUIRE(fuller != emptier);
  auto transfer = world.ask(world.access(), Use::BULK);
  CHECK_FALSE(transfer.poll(world.io.waitScope));
  busy.erase(busy.begin());
  world.until([&]() { return fuller->load() == 2; });
  CHECK(world.borrow(world.access()).member.get() == fuller);
  busy.pop_back();
  auto lease = transfer.wait(world.io.waitScope);
  REQUIRE(lease);
  CHECK((*lease).member.get() == emptier);
}

TEST_CASE("commands that wait get the connection of a transfer that has ended") {
  PoolWorld world({.host = {.maxConnections = 2, .maxChannelsPerConnection = 1}});
  auto transfer = std::make_unique<Lease>(world.borrow(world.access(), Use::BULK));
  Lease command = world.borrow(world.access());
  auto second = world.ask(world.access());
  CHECK_FALSE(second.poll(world.io.waitScope));
  transfer.reset();
  auto lease = second.wait(world.io.waitScope);
  REQUIRE(lease);
  CHECK_FALSE((*lease).member->carriesBulk());
}

TEST_CASE("transfers share the connection with commands where there may be only one") {
  PoolWorld world({.host = {.maxConnections = 1}});
  Lease command = world.borrow(world.access());
  Lease transfer = world.borrow(world.access(), Use::BULK);
  CHECK(transfer.member.get() == command.member.get());
  Lease another = world.borrow(world.access());
  CHECK(another.member.get() == command.member.get());
}

TEST_CASE("where there may be only one connection, transfers after the first leave a channel to commands") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 3}});
  Leases transfers = borrowSome(world, 2, Use::BULK);
  auto third = world.ask(world.access(), Use::BULK);
  CHECK_FALSE(third.poll(world.io.waitScope));
  { Lease command = world.borrow(world.access()); }
  CHECK_FALSE(third.poll(world.io.waitScope));
  transfers.pop_back();
  CHECK(third.wait(world.io.waitScope));
}

TEST_CASE("a server of one session on the only connection carries a transfer") {
  PoolWorld world({.host = {.maxConnections = 1, .maxChannelsPerConnection = 1}});
  Lease transfer = world.borrow(world.access(), Use::BULK);
  CHECK(transfer.member.get() != nullptr);
}

TEST_CASE("commands share the connection of a transfer when no other can be had") {
  PoolWorld world({.maxConnections = 1});
  Lease transfer = world.borrow(world.access(), Use::BULK);
  Lease command = world.borrow(world.access());
  CHECK(command.member.get() == transfer.member.get());
  CHECK(world.connections() == 1);
}

TEST_CASE("commands do not share the connection of a transfer while another host has an idle one to give") {
  PoolWorld world({.maxConnections = 2});
  { Lease other = world.borrow(world.accessAs("other")); }
  world.until([&]() { return world.idle() == 1; });
  Lease transfer = world.borrow(world.access(), Use::BULK);
  Lease command = world.borrow(world.access());
  CHECK(command.member.get() != transfer.member.get());
}

TEST_CASE("a transfer that has waited for long shares a connection with commands, to which it leaves a channel") {
  PoolWorld world({.host = {.maxConnections = 2, .maxChannelsPerConnection = 3}});
  Leases commands = borrowSome(world, 4, Use::SESSION);
  REQUIRE(world.connections() == 2);
  auto asked = world.ask(world.access(), Use::BULK);
  CHECK_FALSE(asked.poll(world.io.waitScope));
  auto transfer = asked.wait(world.io.waitScope);
  REQUIRE(transfer);
  CHECK_FALSE((*transfer).member->carriesBulk());
  CHECK(world.connections() == 2);
  Lease another = world.borrow(world.access());
  CHECK(another.reused);
}

TEST_CASE("commands and transfers that are asked for together all get their channels") {
  PoolWorld world({.host = {.maxConnections = 4}}, {.limits = test::SshdOptions::Limits::kDefaults});
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 0; i < 16; ++i) asked.push_back(world.ask(world.access(), i % 2 == 0 ? Use::BULK : Use::SESSION));
  Leases leases;
  for (size_t i = 0; i < asked.size(); ++i) {
    auto lease = asked[i].wait(world.io.waitScope);
    REQUIRE(lease);
    CHECK((*lease).member->carriesBulk() == (i % 2 == 0));
    leases.push_back(kj::mv(*lease));
  }
  CHECK(world.connections() == 2);
}

TEST_CASE("a server of one session a connection carries commands beside transfers") {
  PoolWorld world({.host = {.maxConnections = 4}}, {.lines = {"MaxSessions 1"}});
  std::vector<kj::Promise<Expected<Lease>>> asked;
  for (int i = 0; i < 3; ++i) asked.push_back(world.ask(world.access(), Use::BULK));
  Leases leases;
  for (auto& promise : asked) {
    auto lease = promise.wait(world.io.waitScope);
    REQUIRE(lease);
    leases.push_back(kj::mv(*lease));
  }
  Lease command = world.borrow(world.access());
  auto ran = ssh::runOn(kj::mv(command.channel), "echo here").promise().wait(world.io.waitScope);
  REQUIRE(ran);
  CHECK(ran->out == "here\n");
  CHECK(world.connections() == 4);
}

TEST_CASE("a transfer's channels count in its caller's share") {
  PoolWorld world({.maxChannelsPerCaller = 1});
  auto transfer = std::make_unique<Lease>(world.borrow(world.accessFor("ann"), Use::BULK));
  auto command = world.ask(world.accessFor("ann"));
  CHECK_FALSE(command.poll(world.io.waitScope));
  transfer.reset();
  CHECK(command.wait(world.io.waitScope));
}

TEST_CASE("a host that cannot be reached fails a transfer with the same error as a command") {
  PoolWorld world;
  world.judge.refuse = true;
  auto transfer = world.ask(world.access(), Use::BULK).wait(world.io.waitScope);
  REQUIRE_FALSE(transfer);
  CHECK(transfer.error().reason == Reason::HOST_KEY_CHANGED);
}

}  // namespace
}  // namespace cbs::pool
