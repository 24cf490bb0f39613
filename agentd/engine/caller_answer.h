// What a caller that serves files answers, or why it does not.
#pragma once

#include "common/deadline.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <capnp/capability.h>

namespace cbs::engine {

// A caller may wait for a disk, or be stopped by the person before it for a while; no longer than this.
constexpr kj::Duration kCallersPatience = 1 * kj::HOURS;

inline Error callerFailed(const kj::Exception& exception) {
  if (exception.getType() == kj::Exception::Type::DISCONNECTED)
    return {ErrorKind::CANCELLED, Reason::CALLER_GONE, "who asked for the transfer has gone"};
  return {ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
}

template <typename Results>
Task<Expected<capnp::Response<Results>>> answerOf(kj::Promise<capnp::Response<Results>> call) {
  try {
    co_return co_await call;
  } catch (const kj::Exception& exception) {
    co_return fail(callerFailed(exception));
  }
}

// Fails with cancelled/callerGone, timedOut or internal: what a caller says about its files is in the answer.
template <typename Results>
kj::Promise<Expected<capnp::Response<Results>>> askCaller(Loop loop, capnp::RemotePromise<Results> call) {
  Error late{ErrorKind::TIMED_OUT, Reason::UNSPECIFIED, "the files' owner did not answer for an hour"};
  kj::Promise<capnp::Response<Results>> answer = kj::mv(call);
  return within(loop.timer, kCallersPatience, kj::mv(late), answerOf<Results>(kj::mv(answer)));
}

// What an answer says about one thing.
inline Expected<void> resultOf(schema::Error::Reader from) {
  if (from.getKind() == ErrorKind::NONE) return {};
  return fail(cbs::decode(from));
}

inline tl::unexpected<Error> incomplete() {
  return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "an answer without all that it was asked for");
}

}  // namespace cbs::engine
