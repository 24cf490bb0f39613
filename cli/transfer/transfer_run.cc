#include "cli/transfer/transfer_run.h"

#include "cli/call_failure.h"

namespace cbs::cli {
namespace {

constexpr auto kTimeToCancel = 5 * kj::SECONDS;

}  // namespace

class TransferRun::Observer final : public schema::TransferObserver::Server {
 public:
  Observer(TransferListener& listener, kj::Own<kj::PromiseFulfiller<TransferEnd>> end)
      : listener_(listener), end_(kj::mv(end)) {}

  kj::Promise<void> progress(ProgressContext context) override {
    listener_.progress(context.getParams().getProgress());
    return kj::READY_NOW;
  }
  kj::Promise<void> events(EventsContext context) override {
    listener_.events(context.getParams().getEvents());
    return kj::READY_NOW;
  }
  kj::Promise<void> finished(FinishedContext context) override {
    end_->fulfill(TransferEnd::told(context.getParams().getResult()));
    return kj::READY_NOW;
  }

 private:
  TransferListener& listener_;
  kj::Own<kj::PromiseFulfiller<TransferEnd>> end_;
};

Task<TransferEnd> TransferRun::run(Request request) {
  auto told = kj::newPromiseAndFulfiller<TransferEnd>();
  request.setObserver(kj::heap<Observer>(listener_, kj::mv(told.fulfiller)));
  auto call = request.send();
  schema::Transfer::Client transfer = call.getTransfer();  // dropping it would cancel the transfer
  auto end = told.promise.catch_([this](kj::Exception&&) { return dropped().promise(); })
                 .exclusiveJoin(interrupted(transfer))
                 .exclusiveJoin(watchConnection(call.ignoreResult()));
  co_return co_await end;
}

Task<TransferEnd> TransferRun::interrupted(schema::Transfer::Client transfer) {
  co_await interrupts_.next();
  auto cancelling = transfer.cancelRequest().send();
  auto late = timer_.afterDelay(kTimeToCancel).then([]() {
    return TransferEnd::failed(
        {ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "the daemon did not say within five seconds what remains"});
  });
  auto end = interrupts_.next().then([](int signal) { return TransferEnd::left(signal); }).exclusiveJoin(kj::mv(late));
  co_return co_await end;
}

// An observer that is let go before its end is one sign of a connection that has ended, and watchConnection knows
// better why: it goes first.
Task<TransferEnd> TransferRun::dropped() {
  auto greeting = co_await client_.greeting();
  co_await kj::evalLast([]() {});
  if (!greeting) co_return TransferEnd::failed(greeting.error());
  co_return TransferEnd::failed({ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it has dropped the transfer"});
}

Task<TransferEnd> TransferRun::watchConnection(kj::Promise<void> accepted) {
  co_return TransferEnd::failed(co_await whyNoEnd(client_, kj::mv(accepted)));
}

}  // namespace cbs::cli
