// What a fan-out does on one of its hosts.
#pragma once

#include "common/error.h"
#include "schema/transfer.capnp.h"
#include "schema/types.capnp.h"

#include <kj/async.h>
#include <kj/memory.h>
#include <kj/string.h>

#include <string>

namespace cbs::rpc {

// A chunk of output, which stays with the call that has brought it (OutputSink.write) for as long as this exists.
using Chunk = capnp::StreamingCallContext<schema::OutputSink::WriteParams>;

// Hears what becomes of hosts, which it knows by their places among the targets. Each host's last word is ended or
// moved, and is said once.
class HostListener {
 public:
  // Resolves when there is room for more.
  virtual kj::Promise<void> printed(uint32_t host, Chunk chunk) = 0;
  virtual void ended(uint32_t host, schema::Outcome::Reader outcome) = 0;
  virtual void moved(uint32_t host, schema::TransferResult::Reader result) = 0;

 protected:
  ~HostListener() = default;
};

// The work on one of the hosts. Being dropped it cancels it, and says nothing more.
class HostWork {
 public:
  virtual ~HostWork() noexcept(false) = default;
  // As schema::Command.signal; what cannot be signalled is cancelled by those that end processes.
  virtual void signal(kj::StringPtr name) = 0;
  // The last word still comes.
  virtual void cancel() = 0;
};

// What is done on every host.
class HostWorks {
 public:
  virtual ~HostWorks() noexcept(false) = default;

  // Begins on a host, for which there are `limitMs` from now on (0: as many as it takes). `listener` outlives the work,
  // which does not speak before this has returned.
  virtual kj::Own<HostWork> begin(uint32_t host, kj::StringPtr target, uint64_t limitMs, HostListener& listener) = 0;

  // Says the last word of a host on which it never begins.
  virtual void refuse(uint32_t host, const Error& why, HostListener& listener) = 0;

  // The time that each host has by itself, which `limitMs` is never more than; 0: no limit.
  virtual uint64_t timeoutMs() const = 0;
  // In a word, for the log.
  virtual std::string what() const = 0;
  // For the audit log, as auditFields.
  virtual std::string details() const = 0;
};

}  // namespace cbs::rpc
