#include "cli/fanout/fan_out_run.h"

#include "cli/call_failure.h"
#include "cli/fanout/summary.h"
#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "common/signals.h"

namespace cbs::cli {
namespace {

constexpr auto kBetweenDrawings = 100 * kj::MILLISECONDS;

std::string hostsText(size_t count) { return std::to_string(count) + (count == 1 ? " host" : " hosts"); }

}  // namespace

// What it refers to outlives the capability, but for what has come too late.
class FanOutRun::Observer final : public schema::FanOutObserver::Server {
 public:
  Observer(FanOutRun& run, kj::Own<kj::PromiseFulfiller<Over>> over) : run_(run), over_(kj::mv(over)) {}

  kj::Promise<void> events(EventsContext context) override { return take(kj::mv(context)); }
  kj::Promise<void> finished(FinishedContext) override {
    over_->fulfill(Over());
    return kj::READY_NOW;
  }

 private:
  Task<void> take(EventsContext context) {
    auto turn = co_await run_.presenting_.enter();
    if (!over_->isWaiting()) co_return;  // it has come too late
    auto taken = co_await run_.receiver_.take(context.getParams().getEvents());
    if (!taken) over_->fulfill(fail(taken.error()));
  }

  FanOutRun& run_;
  kj::Own<kj::PromiseFulfiller<Over>> over_;
};

FanOutRun::FanOutRun(const std::vector<std::string>& targets, FanOutEnds ends)
    : ends_(ends),
      start_(ends.timer.now()),
      board_(targets),
      receiver_(board_, ends.presenter, ends.console, ends.timer),
      progress_(board_, start_) {}

Task<int> FanOutRun::run(AgentClient& client, Interrupts& interrupts, Request request) {
  auto told = kj::newPromiseAndFulfiller<Over>();
  request.setObserver(kj::heap<Observer>(*this, kj::mv(told.fulfiller)));
  auto call = request.send();
  schema::FanOut::Client fanOut = call.getFanOut();  // dropping it would cancel the work
  auto drawing = keepDrawing();
  // An observer that is let go is one sign of a connection that has ended: what watches that knows why.
  auto over = told.promise.catch_([](kj::Exception&&) -> kj::Promise<Over> { return kj::NEVER_DONE; })
                  .exclusiveJoin(watchConnection(client, call.ignoreResult()));
  auto end = conclude(kj::mv(over)).promise().exclusiveJoin(leaveOnSecondSignal(interrupts, fanOut));
  co_return co_await end;
}

Task<int> FanOutRun::runNothing(Error why) {
  ends_.summary = false;
  return showEnd(fail(std::move(why)));
}

Task<FanOutRun::Over> FanOutRun::watchConnection(AgentClient& client, kj::Promise<void> accepted) {
  co_return fail(co_await whyNoEnd(client, kj::mv(accepted)));
}

Task<int> FanOutRun::conclude(kj::Promise<Over> over) {
  auto how = co_await over;
  auto turn = co_await presenting_.enter();
  co_return co_await showEnd(kj::mv(how));
}

Task<int> FanOutRun::showEnd(Over over) {
  bool daemonGone = !over && over.error().kind == ErrorKind::AGENT_UNREACHABLE;
  Over shown = over;
  if (!over && over.error().reason != Reason::CALLER_GONE) say(sentence(over.error(), ""));
  if (over || daemonGone) {
    shown = co_await endOthers(daemonGone ? over.error() : Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, "not told"});
    FanOutResults results{board_.targets(), board_.ends(), board_.exitCode(signal_), ends_.timer.now() - start_};
    if (shown) shown = co_await ends_.presenter.finish(results);
    if (shown) shown = co_await summarize(results);
    if (shown) co_return results.exitCode;
    if (shown.error().reason != Reason::CALLER_GONE) say(sentence(shown.error(), ""));
  }
  if (shown.error().reason == Reason::CALLER_GONE) co_return kBrokenPipe;
  if (auto fates = unknownFates(); !fates.empty()) say("cbsession: cancelled" + fates + "\n");
  co_return exitCodeOf(shown.error().kind);
}

// Of a command that had begun the daemon's end says nothing; what had not begun never will.
Task<Expected<void>> FanOutRun::endOthers(const Error& why) {
  for (uint32_t host = 0; host < board_.total(); ++host) {
    if (!board_.expects(host)) continue;
    Error lost{ErrorKind::LOST, Reason::CONNECTION_LOST, "the daemon has ended"};
    auto end = board_.hasBegun(host) ? HostEnd::lost(kj::mv(lost)) : HostEnd::notBegun(why);
    if (auto shown = co_await receiver_.end(host, kj::mv(end)); !shown) co_return shown;
  }
  co_return Expected<void>();
}

Task<Expected<void>> FanOutRun::summarize(const FanOutResults& results) {
  bool shown = ends_.summary && !(ends_.quiet && results.exitCode == 0);
  if (shown) {
    auto written = co_await ends_.console.write(schema::OutputStream::STDERR, summaryText(results));
    if (!written) co_return written;
  }
  co_return co_await ends_.console.flush();
}

Task<int> FanOutRun::leaveOnSecondSignal(Interrupts& interrupts, schema::FanOut::Client fanOut) {
  signal_ = co_await interrupts.next();
  auto request = fanOut.signalRequest();
  request.setName(std::string(signalName(signal_)).c_str());
  auto sent = request.send();
  auto running = board_.runningTargets();
  if (ends_.console.isTerminal(schema::OutputStream::STDERR) && !running.empty()) {
    say("cbsession: " + hostsText(running.size()) + " signalled: " + foldedBriefly(running) + "; once more to leave\n");
  }
  int second = co_await interrupts.next();
  say("cbsession: left with a second signal" + unknownFates() + "\n");
  co_return 128 + second;
}

std::string FanOutRun::unknownFates() const {
  auto running = board_.runningTargets();
  if (running.empty()) return "";
  return "; whether it has ended on " + hostsText(running.size()) + " is unknown: " + foldedBriefly(running);
}

Task<void> FanOutRun::keepDrawing() {
  while (ends_.console.draws()) {
    co_await ends_.timer.afterDelay(kBetweenDrawings);
    ends_.console.draw(progress_.text(ends_.timer.now()));
  }
}

void FanOutRun::say(const std::string& line) {
  ends_.console.erase();
  printError(line);
}

}  // namespace cbs::cli
