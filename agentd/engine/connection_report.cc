#include "agentd/engine/connection_report.h"

#include "agentd/engine/breaker_report.h"
#include "agentd/engine/limits.h"
#include "agentd/engine/outcome.h"
#include "agentd/telemetry/durations.h"

#include <algorithm>
#include <utility>

namespace cbs::engine {
namespace {

uint64_t milliseconds(kj::Duration duration) { return static_cast<uint64_t>(duration / kj::MILLISECONDS); }

schema::ConnectionState stateOf(ssh::DialProgress::Phase phase) {
  using Phase = ssh::DialProgress::Phase;
  switch (phase) {
    case Phase::RESOLVE:
      return schema::ConnectionState::RESOLVING;
    case Phase::WAIT:
      return schema::ConnectionState::WAITING;
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
  if (member.retired) return schema::ConnectionState::RETIRING;
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

void reportFailures(const pool::PoolCounters& counters, schema::EngineStats::Builder to) {
  auto failures = to.initFailures(static_cast<unsigned>(counters.failures.size()));
  unsigned i = 0;
  for (const auto& [reason, count] : counters.failures) {
    failures[i].setReason(reason);
    failures[i++].setCount(count);
  }
}

void reportPhases(const pool::PhaseTimes& phases, schema::EngineStats::Phases::Builder to) {
  encode(phases.resolve, to.initResolve());
  encode(phases.connect, to.initConnect());
  encode(phases.handshake, to.initHandshake());
  encode(phases.authenticate, to.initAuthenticate());
  encode(phases.open, to.initOpen());
}

void countBreakers(const pool::Pool& pool, kj::TimePoint now, schema::EngineStats::Builder to) {
  const auto places = shutPlaces(pool, now);
  auto halfOpen = std::count_if(places.begin(), places.end(), [](const ShutPlace& place) { return place.halfOpen; });
  to.setBreakersHalfOpen(static_cast<uint32_t>(halfOpen));
  to.setBreakersOpen(static_cast<uint32_t>(places.size()) - static_cast<uint32_t>(halfOpen));
}

}  // namespace

void reportStats(const pool::Pool& pool, kj::TimePoint now, schema::EngineStats::Builder to) {
  uint32_t active = 0, idle = 0, connecting = 0, waiting = 0;
  pool.forEachHost([&](const pool::HostPool& host) {
    for (const auto& member : host.members()) ++(member->idle() ? idle : active);
    connecting += static_cast<uint32_t>(host.dials().size());
    waiting += static_cast<uint32_t>(host.waiting());
  });
  to.setConnectionsActive(active);
  to.setConnectionsIdle(idle);
  to.setConnectionsConnecting(connecting);
  to.setWaiting(waiting);
  to.setHosts(static_cast<uint32_t>(pool.hosts()));
  countBreakers(pool, now, to);
  const pool::PoolCounters& counters = pool.counters();
  to.setCreated(counters.created);
  to.setReused(counters.reused);
  to.setClosed(counters.closed);
  reportFailures(counters, to);
  reportPhases(counters.phases, to.initPhases());
}

namespace {

// All connections of a host, also those in the making, from place `i` of the list on.
void listConnections(const pool::HostPool& host, kj::TimePoint now, capnp::List<schema::ConnectionInfo>::Builder list,
                     unsigned& i) {
  auto add = [&]() {
    auto info = list[i++];
    info.setHost(host.access()->alias.c_str());
    info.setUser(host.access()->dial.user.c_str());
    return info;
  };
  for (const auto& member : host.members()) report(*member, now, add());
  for (const auto& dial : host.dials()) add().setState(stateOf(dial.phase));
}

unsigned countConnections(const pool::HostPool& host) {
  return static_cast<unsigned>(host.members().size() + host.dials().size());
}

void reportBreakers(const pool::HostPool& host, const pool::AddressFigures& address, kj::TimePoint now,
                    schema::HostReport::Builder to) {
  const core::Reachability& reachability = host.reachability();
  to.setBreaker({reachability.state(now).data(), reachability.state(now).size()});
  to.setAddressBreaker(address.retryAfter == nullptr ? "closed" : "open");
  to.setLoginRefused(reachability.loginRefused());
  to.setFailures(std::max(reachability.failures(), address.failures));
  kj::Duration pause = address.retryAfter.orDefault(0 * kj::SECONDS);
  to.setRetryAfterMs(milliseconds(kj::max(pause, reachability.retryAfter(now))));
  const Error& last = reachability.lastFailure();
  if (last.kind == ErrorKind::NONE) return;
  cbs::encode(last, to.initLastError());
  to.setLastErrorAgoMs(milliseconds(now - reachability.lastFailureAt()));
}

}  // namespace

void reportHost(pool::Pool& pool, schema::ResolvedHost::Reader resolved, kj::TimePoint now,
                schema::HostReport::Builder to) {
  auto* host = pool.find(resolved.getPoolKey());
  auto limits =
      host == nullptr ? pool.limits().of(resolved.getAlias().cStr(), resolved.getHostName().cStr()) : host->limits();
  encode(limits, to.initLimits());
  to.setChannelLimit(host == nullptr ? limits.maxChannelsPerConnection : host->channelLimit());
  to.setBreaker("closed");
  to.setAddressBreaker("closed");
  if (host == nullptr) return;
  unsigned i = 0;
  if (host->access() != nullptr) listConnections(*host, now, to.initConnections(countConnections(*host)), i);
  to.setWaiting(static_cast<uint32_t>(host->waiting()));
  to.setAddress(host->lastAddress().c_str());
  auto address = pool.gatekeeper().figures(host->lastAddress());
  to.setLoginWindow(address.window == 0 ? limits.maxLoginsAtOnce : address.window);
  to.setLoginsUnderWay(address.loginsUnderWay);
  reportBreakers(*host, address, now, to);
  Times times;
  times.dial = host->lastDial();
  encode(times, to.initLastConnection());
}

void reportAddresses(const Expected<std::vector<ssh::Address>>& addresses, schema::HostReport::Builder to) {
  if (!addresses) return cbs::encode(addresses.error(), to.initAddressesError());
  auto list = to.initAddresses(static_cast<unsigned>(addresses->size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, (*addresses)[i].text().c_str());
}

void reportConnections(const pool::Pool& pool, kj::TimePoint now, schema::Engine::ConnectionsResults::Builder to) {
  unsigned count = 0;
  pool.forEachHost([&](const pool::HostPool& host) { count += countConnections(host); });
  auto list = to.initConnections(count);
  unsigned i = 0;
  pool.forEachHost([&](const pool::HostPool& host) { listConnections(host, now, list, i); });
}

}  // namespace cbs::engine
