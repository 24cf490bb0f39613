#include "agentd/engine/connection_report.h"

namespace cbs::engine {
namespace {

uint64_t milliseconds(kj::Duration duration) { return static_cast<uint64_t>(duration / kj::MILLISECONDS); }

schema::ConnectionState stateOf(ssh::DialProgress::Phase phase) {
  using Phase = ssh::DialProgress::Phase;
  switch (phase) {
    case Phase::RESOLVE:
      return schema::ConnectionState::RESOLVING;
    case Phase::CONNECT:
      return schema::ConnectionState::CONNECTING;
    case Phase::HANDSHAKE:
      return schema::ConnectionState::HANDSHAKING;
    default:
      return schema::ConnectionState::AUTHENTICATING;
  }
}

schema::ConnectionState stateOf(const pool::Member& member) {
  if (member.connection->dead()) return schema::ConnectionState::CLOSING;
  return member.idle() ? schema::ConnectionState::IDLE : schema::ConnectionState::BUSY;
}

void report(const pool::Member& member, kj::TimePoint now, schema::ConnectionInfo::Builder to) {
  const ssh::Connection& connection = *member.connection;
  to.setAddress(connection.address().c_str());
  to.setState(stateOf(member));
  to.setAgeMs(milliseconds(now - member.createdAt));
  to.setIdleMs(member.idle() ? milliseconds(now - member.usedAt) : 0);
  to.setChannels(connection.channelsInUse());
  to.setCommands(member.served);
  to.setBytesIn(connection.bytesIn());
  to.setBytesOut(connection.bytesOut());
  to.setCipher(connection.cipher().c_str());
  to.setServerVersion(connection.serverVersion().c_str());
}

}  // namespace

void reportStats(const pool::Pool& pool, kj::TimePoint now, schema::EngineStats::Builder to) {
  uint32_t active = 0, idle = 0, connecting = 0, waiting = 0, breakersOpen = 0;
  pool.forEachHost([&](const pool::HostPool& host) {
    for (const auto& member : host.members()) ++(member->idle() ? idle : active);
    connecting += static_cast<uint32_t>(host.dials().size());
    waiting += static_cast<uint32_t>(host.waiting());
    breakersOpen += host.breakerOpen(now) ? 1 : 0;
  });
  to.setConnectionsActive(active);
  to.setConnectionsIdle(idle);
  to.setConnectionsConnecting(connecting);
  to.setWaiting(waiting);
  to.setBreakersOpen(breakersOpen);
  const pool::PoolCounters& counters = pool.counters();
  to.setCreated(counters.created);
  to.setReused(counters.reused);
  to.setClosed(counters.closed);
  auto failures = to.initFailures(static_cast<unsigned>(counters.failures.size()));
  unsigned i = 0;
  for (const auto& [reason, count] : counters.failures) {
    failures[i].setReason(reason);
    failures[i++].setCount(count);
  }
}

void reportConnections(const pool::Pool& pool, kj::TimePoint now, schema::Engine::ConnectionsResults::Builder to) {
  unsigned count = 0;
  pool.forEachHost([&](const pool::HostPool& host) { count += host.members().size() + host.dials().size(); });
  auto list = to.initConnections(count);
  unsigned i = 0;
  pool.forEachHost([&](const pool::HostPool& host) {
    auto add = [&]() {
      auto info = list[i++];
      info.setHost(host.access()->alias.c_str());
      info.setUser(host.access()->dial.user.c_str());
      return info;
    };
    for (const auto& member : host.members()) report(*member, now, add());
    for (const auto& dial : host.dials()) add().setState(stateOf(dial.phase));
  });
}

}  // namespace cbs::engine
