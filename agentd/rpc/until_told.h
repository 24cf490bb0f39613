// When something that the engine does for a caller has come to its end.
#pragma once

#include <capnp/capability.h>

#include <utility>

namespace cbs::rpc {

// Resolves with `told`, which the relay of what the engine tells the caller settles. An engine that fails lets go of
// that relay as well, and which of the two shows first is chance: its own words say more, so they are what this fails
// with.
template <typename Results>
kj::Promise<void> untilTold(capnp::RemotePromise<Results> running, kj::Promise<void> told) {
  auto answer = running.ignoreResult().fork();
  auto refused = answer.addBranch().then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  auto ended = told.catch_([answer = answer.addBranch()](kj::Exception&& dropped) mutable {
    return answer.then([dropped = kj::mv(dropped)]() mutable { kj::throwFatalException(kj::mv(dropped)); });
  });
  return ended.exclusiveJoin(kj::mv(refused));
}

}  // namespace cbs::rpc
