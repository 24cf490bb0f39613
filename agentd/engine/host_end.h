// The end of a transfer that is on a host: the channels that it gets there.
#pragma once

#include "agentd/engine/outcome.h"
#include "agentd/pool/pool.h"
#include "agentd/transfer/channels.h"
#include "agentd/transfer/streams.h"
#include "schema/engine.capnp.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::engine {

// What a caller asks of a host: files there, or a place for them.
struct HostPlace {
  std::shared_ptr<const pool::HostAccess> access;
  std::vector<std::string> paths;
};

// `id` is by which logs know what it is for. Fails with usage/badRequest for paths that cannot be any.
Expected<HostPlace> decode(schema::Place::Reader place, std::string id);

class HostEnd final : private transfer::Channels {
 public:
  // `streams`: as Streams has it. The pool outlives it.
  HostEnd(Loop loop, pool::Pool& pool, HostPlace place, unsigned streams);

  // Gets the first stream. To be called once, first.
  Task<Expected<void>> start();

  transfer::Streams& streams() { return streams_; }
  transfer::Channels& channels() { return *this; }
  const std::vector<std::string>& paths() const { return place_.paths; }
  const pool::HostAccess& access() const { return *place_.access; }
  // Of the first stream.
  const Times& times() const { return times_; }

 private:
  Task<Expected<kj::Own<Held>>> bulk() override { return borrow(pool::Use::BULK); }
  Task<Expected<kj::Own<Held>>> command() override { return borrow(pool::Use::SESSION); }
  Task<Expected<kj::Own<Held>>> borrow(pool::Use use);

  Loop loop_;
  pool::Pool& pool_;
  HostPlace place_;
  Times times_;
  bool connected_ = false;
  transfer::Streams streams_;  // uses what is above
};

}  // namespace cbs::engine
