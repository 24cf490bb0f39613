// A command's event loop and its connection to the daemon.
#pragma once

#include "common/agent_client.h"
#include "common/deadline.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/async-io.h>

namespace cbs::cli {

class Session {
 public:
  // Takes a connected socket (reachDaemon). Says hello at once, without waiting for the answer.
  explicit Session(kj::AutoCloseFd socket);

  Loop loop() { return {io_.unixEventPort, io_.provider->getTimer(), *io_.lowLevelProvider}; }
  AgentClient& client() { return client_; }
  schema::Agent::Client& agent() { return client_.agent(); }
  kj::WaitScope& waitScope() { return io_.waitScope; }

  // The answer to a call on the agent, within `limit`. When the call failed because the daemon would not have us,
  // that is the error.
  template <typename Results>
  Expected<capnp::Response<Results>> ask(capnp::RemotePromise<Results> call, kj::Duration limit = kAnswerTime) {
    return within(loop().timer, limit, noAnswer(limit), answer<Results>(kj::mv(call))).wait(waitScope());
  }

  // Why a call failed: what the daemon said to the hello, if it refused us, else the exception's words.
  kj::Promise<Error> whyFailed(kj::Exception exception);

 private:
  static constexpr auto kAnswerTime = 10 * kj::SECONDS;
  static Error noAnswer(kj::Duration limit);

  template <typename Results>
  Task<Expected<capnp::Response<Results>>> answer(kj::Promise<capnp::Response<Results>> call) {
    kj::Maybe<kj::Exception> failure;
    try {
      co_return co_await call;
    } catch (const kj::Exception& exception) {
      failure = kj::cp(exception);
    }
    co_return fail(co_await whyFailed(kj::mv(KJ_ASSERT_NONNULL(failure))));
  }

  kj::AsyncIoContext io_;
  AgentClient client_;
};

}  // namespace cbs::cli
