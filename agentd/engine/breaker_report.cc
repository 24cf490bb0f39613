#include "agentd/engine/breaker_report.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace cbs::engine {
namespace {

constexpr size_t kMostBreakers = 1000;

using ShutAddresses = std::unordered_map<std::string_view, const pool::ShutAddress*>;

ShutPlace placeOf(const pool::HostPool& host, kj::TimePoint now) {
  const core::Reachability& reachability = host.reachability();
  return {&host,
          &host.lastAddress(),
          !reachability.open(now),
          reachability.failures(),
          reachability.retryAfter(now),
          &reachability.lastFailure()};
}

// Of both breakers the worse counts. That the address was shut is no reason for anything.
void addTo(ShutPlace& place, const pool::ShutAddress& address) {
  place.halfOpen = place.halfOpen && address.halfOpen;
  place.failures = std::max(place.failures, address.failures);
  place.retryAfter = kj::max(place.retryAfter, address.retryAfter);
  if (place.lastError->reason == Reason::BREAKER_OPEN) place.lastError = &address.lastFailure;
}

void report(const ShutPlace& place, schema::BreakerInfo::Builder to) {
  to.setAddress(place.address->c_str());
  to.setState(place.halfOpen ? "halfOpen" : "open");
  to.setFailures(place.failures);
  to.setRetryAfterMs(static_cast<uint64_t>(place.retryAfter / kj::MILLISECONDS));
  if (place.lastError->kind != ErrorKind::NONE) cbs::encode(*place.lastError, to.initLastError());
  if (place.host == nullptr) return;
  if (place.host->access() != nullptr) to.setHost(place.host->access()->alias.c_str());
  to.setLoginRefused(place.host->reachability().loginRefused());
}

const std::string& titleOf(const ShutPlace& place) {
  bool named = place.host != nullptr && place.host->access() != nullptr;
  return named ? place.host->access()->alias : *place.address;
}

bool comesFirst(const ShutPlace& one, const ShutPlace& other) {
  if (one.halfOpen != other.halfOpen) return other.halfOpen;
  if (one.failures != other.failures) return one.failures > other.failures;
  return titleOf(one) < titleOf(other);
}

}  // namespace

std::vector<ShutPlace> shutPlaces(const pool::Pool& pool, kj::TimePoint now) {
  const auto addresses = pool.gatekeeper().shutAddresses();
  ShutAddresses byName;
  for (const auto& address : addresses) byName.emplace(address.name, &address);
  std::vector<ShutPlace> places;
  std::unordered_set<std::string_view> ledTo;
  pool.forEachHost([&](const pool::HostPool& host) {
    if (host.reachability().state(now) == "closed") return;
    places.push_back(placeOf(host, now));
    ledTo.insert(host.lastAddress());
    auto address = byName.find(host.lastAddress());
    if (address != byName.end()) addTo(places.back(), *address->second);
  });
  for (const auto& address : addresses) {
    if (ledTo.contains(address.name)) continue;
    places.push_back(
        {nullptr, &address.name, address.halfOpen, address.failures, address.retryAfter, &address.lastFailure});
  }
  return places;
}

void listBreakers(const pool::Pool& pool, kj::TimePoint now, uint32_t limit,
                  schema::Engine::BreakersResults::Builder to) {
  auto places = shutPlaces(pool, now);
  const size_t told = std::min({places.size(), size_t{limit}, kMostBreakers});
  std::partial_sort(places.begin(), places.begin() + static_cast<ptrdiff_t>(told), places.end(), comesFirst);
  auto list = to.initBreakers(static_cast<unsigned>(told));
  for (unsigned i = 0; i < told; ++i) report(places[i], list[i]);
  to.setMore(static_cast<uint32_t>(places.size() - told));
}

}  // namespace cbs::engine
