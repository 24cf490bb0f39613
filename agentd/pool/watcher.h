// Who wants to know what becomes of connections and breakers, e.g. to log it.
#pragma once

#include "agentd/pool/host_access.h"
#include "common/error.h"

#include <kj/time.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cbs::pool {

// Must not call the pool.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // A connection is being made, as the first of those who wait has access.
  virtual void connecting(const HostAccess&) {}
  virtual void connected(const HostAccess&, const std::string& /*address*/, const ssh::DialProgress&) {}
  virtual void failed(const HostAccess&, const std::string& /*address*/, const Error&) {}
  struct Closed {
    const std::string& host;
    const std::string& address;
    const std::string& why;
    kj::Duration age;
    uint64_t served;  // commands and transfers
  };
  virtual void closed(const Closed&) {}

  // Of a host (`address` is where it was asked for last) or, if `host` is empty, of an address. `state` is closed,
  // open or halfOpen; `why` the last failure.
  virtual void breaker(std::string_view /*host*/, std::string_view /*address*/, std::string_view /*state*/,
                       const Error& /*why*/) {}
};

}  // namespace cbs::pool
