#include "cli/jobs/lasting_connection.h"

#include "cli/call_failure.h"
#include "common/duration.h"
#include "common/version.h"

namespace cbs::cli {
namespace {

// A daemon that is restarted by somebody else is away for a moment.
constexpr unsigned kTries = 40;
constexpr auto kPause = 250 * kj::MILLISECONDS;

bool mayPass(const Error& error) {
  return error.kind == ErrorKind::AGENT_UNREACHABLE &&
         (error.reason == Reason::NOT_RUNNING || error.reason == Reason::UNSPECIFIED);
}

}  // namespace

LastingConnection::LastingConnection(Loop loop, kj::AutoCloseFd socket, Connect connect)
    : loop_(loop), connect_(kj::mv(connect)), client_(kj::heap<AgentClient>(loop, kj::mv(socket), kVersion)) {}

Error LastingConnection::noAnswer(kj::Duration limit) {
  return {ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it did not answer for " + durationText(limit)};
}

// A hello that came to nothing because the connection ended is no refusal.
Task<Error> LastingConnection::whyFailed(kj::Exception exception) {
  auto greeting = co_await client_->greeting();
  auto error = callFailure(greeting, exception);
  ended_ = exception.getType() == kj::Exception::Type::DISCONNECTED && mayPass(error);
  co_return error;
}

Task<Expected<void>> LastingConnection::comeBack(Error why) {
  while (fruitless_ < kTries) {
    if (fruitless_ > 0) co_await loop_.timer.afterDelay(kPause);
    ++fruitless_;
    auto connected = co_await connectOnce();
    if (connected || !mayPass(connected.error())) co_return connected;
    if (connected.error().reason != Reason::UNSPECIFIED) why = connected.error();  // else `why` says it better
  }
  co_return fail(kj::mv(why));
}

// A connection counts when the daemon has greeted us: one that is ending may still accept some.
Task<Expected<void>> LastingConnection::connectOnce() {
  auto socket = co_await connect_();
  if (!socket) co_return fail(socket.error());
  client_ = kj::heap<AgentClient>(loop_, kj::mv(*socket), kVersion);
  auto greeting = co_await client_->greeting();
  if (!greeting) co_return fail(greeting.error());
  ended_ = false;
  co_return Expected<void>();
}

}  // namespace cbs::cli
