// A connection to the daemon that is made anew when it breaks off, for what is to go on when the daemon is restarted.
#pragma once

#include "common/agent_client.h"
#include "common/deadline.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/function.h>

namespace cbs::cli {

class LastingConnection {
 public:
  // Gives a connected socket, starting the daemon if need be.
  using Connect = kj::Function<kj::Promise<Expected<kj::AutoCloseFd>>()>;
  template <typename Results>
  using Call = kj::Function<capnp::RemotePromise<Results>(schema::Agent::Client&)>;

  // Takes a connected socket; `connect` is asked for the next ones.
  LastingConnection(Loop loop, kj::AutoCloseFd socket, Connect connect);

  // Asks the agent, again and again while connections end before the answer: `call` must be one that may be repeated.
  // One at a time. Fails with agentUnreachable if no daemon comes back within about ten seconds, if one after the other
  // ends without an answer, if it is of another version, or if it takes longer than `limit` to answer.
  template <typename Results>
  Task<Expected<capnp::Response<Results>>> ask(kj::Duration limit, Call<Results> call) {
    for (;;) {
      auto asked = askOnce<Results>(call(client_->agent()));
      auto answer = co_await within(loop_.timer, limit, noAnswer(limit), kj::mv(asked));
      if (answer) fruitless_ = 0;
      if (answer || !ended_) co_return kj::mv(answer);
      auto back = co_await comeBack(answer.error());
      if (!back) co_return fail(back.error());
    }
  }

 private:
  template <typename Results>
  Task<Expected<capnp::Response<Results>>> askOnce(kj::Promise<capnp::Response<Results>> call) {
    kj::Maybe<kj::Exception> failure;
    try {
      co_return co_await call;
    } catch (const kj::Exception& exception) {
      failure = kj::cp(exception);
    }
    co_return fail(co_await whyFailed(kj::mv(KJ_ASSERT_NONNULL(failure))));
  }

  static Error noAnswer(kj::Duration limit);
  Task<Error> whyFailed(kj::Exception exception);
  Task<Expected<void>> comeBack(Error why);
  Task<Expected<void>> connectOnce();

  Loop loop_;
  Connect connect_;
  kj::Own<AgentClient> client_;
  bool ended_ = false;      // the connection has, and a new one may help
  unsigned fruitless_ = 0;  // attempts at a new one since the last answer
};

}  // namespace cbs::cli
