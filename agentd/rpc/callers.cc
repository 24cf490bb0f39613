#include "agentd/rpc/callers.h"

#include "agentd/rpc/caller_connection.h"

#include <spdlog/spdlog.h>

namespace cbs::rpc {

Callers::Callers(Loop loop, size_t limit, MakeAgent makeAgent)
    : loop_(loop), limit_(limit), makeAgent_(kj::mv(makeAgent)), connections_(*this) {}

kj::Promise<void> Callers::whenRoom() {
  if (count_ < limit_) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForRoom_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

void Callers::welcome(kj::AutoCloseFd socket, Caller caller) {
  connections_.add(serve(kj::mv(socket), kj::mv(caller)));
}

Task<void> Callers::serve(kj::AutoCloseFd socket, Caller caller) {
  ++count_;
  KJ_DEFER(leave());
  CallerConnection connection(loop_, kj::mv(socket), kj::mv(caller), makeAgent_);
  co_await connection.whenOver();
}

void Callers::leave() {
  --count_;
  KJ_IF_MAYBE (waiting, waitsForRoom_) {
    (*waiting)->fulfill();
  }
}

void Callers::taskFailed(kj::Exception&& exception) {
  spdlog::debug("a caller's connection has failed: {}", exception.getDescription().cStr());
}

}  // namespace cbs::rpc
