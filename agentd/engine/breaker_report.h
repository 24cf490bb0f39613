// Tells of breakers that are not closed.
#pragma once

#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

#include <string>
#include <vector>

namespace cbs::engine {

// A host, with what is known of its address, or an address that no such host leads to. It refers to what the pool has:
// for use at once.
struct ShutPlace {
  const pool::HostPool* host;  // null: an address
  const std::string* address;
  bool halfOpen;
  uint32_t failures;
  kj::Duration retryAfter;
  const Error* lastError;
};

std::vector<ShutPlace> shutPlaces(const pool::Pool& pool, kj::TimePoint now);

// Lists at most `limit`, the open ones first.
void listBreakers(const pool::Pool& pool, kj::TimePoint now, uint32_t limit,
                  schema::Engine::BreakersResults::Builder to);

}  // namespace cbs::engine
