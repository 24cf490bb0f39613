// A command that is no more, for callers who have not heard of it yet.
#pragma once

#include "schema/types.capnp.h"

namespace cbs::rpc {

// Takes what it is told, and does nothing. It has no standard input, so that nobody reads theirs for it: another
// program may want it.
class EndedCommand final : public schema::Command::Server {
 public:
  kj::Promise<void> stdin(StdinContext context) override;
  kj::Promise<void> signal(SignalContext) override { return kj::READY_NOW; }
  kj::Promise<void> resize(ResizeContext) override { return kj::READY_NOW; }
  kj::Promise<void> cancel(CancelContext) override { return kj::READY_NOW; }
};

}  // namespace cbs::rpc
