#include "cli/transfer/transfer_run.h"

namespace cbs::cli {

class TransferRun::Observer final : public schema::TransferObserver::Server {
 public:
  Observer(ProgressDisplay& display, kj::Own<kj::PromiseFulfiller<TransferEnd>> end)
      : display_(display), end_(kj::mv(end)) {}

  kj::Promise<void> progress(ProgressContext context) override {
    display_.update(context.getParams().getBytes(), context.getParams().getTotalBytes());
    return kj::READY_NOW;
  }

  kj::Promise<void> finished(FinishedContext context) override {
    auto result = context.getParams().getResult();
    TransferEnd end;
    end.result = capnp::clone(result);
    end.error = decode(result.getError());
    end_->fulfill(kj::mv(end));
    return kj::READY_NOW;
  }

 private:
  ProgressDisplay& display_;
  kj::Own<kj::PromiseFulfiller<TransferEnd>> end_;
};

TransferRun::TransferRun(Session& session, Interrupts& interrupts, ProgressDisplay& display)
    : session_(session), interrupts_(interrupts), display_(display), told_(kj::newPromiseAndFulfiller<TransferEnd>()) {}

schema::TransferObserver::Client TransferRun::observer() {
  return kj::heap<Observer>(display_, kj::mv(told_.fulfiller));
}

TransferEnd TransferRun::waitFor(kj::Promise<void> accepted) {
  // An observer that is let go before its end is one sign of a connection that has ended; watchConnection sees the
  // other.
  auto told = told_.promise.catch_([](kj::Exception&&) -> kj::Promise<TransferEnd> { return kj::NEVER_DONE; });
  return told.exclusiveJoin(interrupted()).exclusiveJoin(watchConnection(kj::mv(accepted))).wait(session_.waitScope());
}

Task<TransferEnd> TransferRun::interrupted() {
  co_await interrupts_.next();
  co_return TransferEnd{{}, {ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "by a signal; no partial file is left"}};
}

Task<TransferEnd> TransferRun::watchConnection(kj::Promise<void> accepted) {
  auto greeting = co_await session_.client().greeting();
  if (!greeting) co_return TransferEnd{{}, greeting.error()};
  auto why = accepted.then([this]() { return session_.client().onDisconnect(); })
                 .then([]() { return KJ_EXCEPTION(DISCONNECTED, "the daemon has ended"); },
                       [](kj::Exception&& exception) { return kj::mv(exception); });
  co_return TransferEnd{{}, co_await session_.whyFailed(co_await why)};
}

}  // namespace cbs::cli
