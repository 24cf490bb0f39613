// A question to the daemon, and its answer.
#pragma once

#include "common/deadline.h"
#include "common/error.h"
#include "common/task.h"

#include <capnp/capability.h>

namespace cbs::client {

// The error of a call that failed instead of being answered: agentUnreachable, with connectionLost if the daemon has
// ended and versionMismatch if it does not know the call, else `internal`.
Error unanswered(const kj::Exception& exception);

// Fails with usage/badRequest what is larger than the daemon takes: it would end the connection, with all its calls.
Expected<void> checkSize(capnp::MessageSize size);

template <typename Results>
Task<Expected<capnp::Response<Results>>> answerOf(kj::Promise<capnp::Response<Results>> call) {
  try {
    auto response = co_await call;
    auto error = decode(response.getError());
    if (error.kind != ErrorKind::NONE) co_return fail(std::move(error));
    co_return response;
  } catch (const kj::Exception& exception) {
    co_return fail(unanswered(exception));
  }
}

// Sends a request of those that are answered at once, or after `wait`, with an error of their own if need be.
template <typename Params, typename Results>
Task<Expected<capnp::Response<Results>>> ask(kj::Timer& timer, capnp::Request<Params, Results> request,
                                             kj::Duration wait = 0 * kj::SECONDS) {
  constexpr auto kAnswerTime = 60 * kj::SECONDS;
  if (auto fits = checkSize(request.totalSize()); !fits) co_return fail(std::move(fits.error()));
  Error silent{ErrorKind::AGENT_UNREACHABLE, Reason::CONNECTION_LOST, "the daemon did not answer for a minute"};
  co_return co_await within(timer, wait + kAnswerTime, kj::mv(silent), answerOf<Results>(request.send()));
}

}  // namespace cbs::client
