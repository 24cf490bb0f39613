#include "tests/bench/storm_client.h"

#include "common/local_socket.h"
#include "common/version.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"

#include <kj/vector.h>

namespace cbs::bench {
namespace {

constexpr auto kGreetingPause = 20 * kj::MILLISECONDS;
constexpr auto kLongestTurn = 10 * kj::MINUTES;

using Told = kj::Function<void(schema::Outcome::Reader)>;

// `true` prints nothing: its outcome is all there is. A sink that is dropped before has been told of none.
class OutcomeSink final : public schema::OutputSink::Server {
 public:
  OutcomeSink(Told told, kj::Own<kj::PromiseFulfiller<void>> end) : told_(kj::mv(told)), end_(kj::mv(end)) {}

  kj::Promise<void> write(WriteContext) override { return kj::READY_NOW; }
  kj::Promise<void> finished(FinishedContext context) override {
    told_(context.getParams().getOutcome());
    end_->fulfill();
    return kj::READY_NOW;
  }

 private:
  Told told_;
  kj::Own<kj::PromiseFulfiller<void>> end_;
};

kj::AutoCloseFd connectTo(const std::string& socket) {
  auto connected = connectLocal(socket);
  if (!connected) test::fail("the daemon cannot be reached: " + connected.error().detail);
  return kj::mv(*connected);
}

double milliseconds(uint64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

// Nothing if it exited with 0.
std::string complaintAbout(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  if (state.isExited() && state.getExited() == 0) return "";
  if (state.isExited()) return "exit status " + std::to_string(state.getExited());
  Error error = decode(outcome.getError());
  return std::string(nameOf(error.kind)) + " (" + std::string(nameOf(error.reason)) + ") " + error.detail;
}

}  // namespace

StormClient::StormClient(const std::string& socket, int callers) : socket_(socket), io_(kj::setupAsyncIo()) {
  for (int caller = 0; caller < callers; ++caller) {
    callers_.push_back(std::make_unique<AgentClient>(loop(), connectTo(socket), kVersion));
    auto greeting = callers_.back()->greeting().wait(io_.waitScope);
    if (!greeting) test::fail("the daemon would not have us: " + greeting.error().detail);
  }
}

void StormClient::runAt(const std::vector<std::string>& addresses, int jobs) {
  next_ = 0;
  times_ = {};
  auto failure = kj::newPromiseAndFulfiller<void>();
  fail_ = kj::mv(failure.fulfiller);
  kj::Vector<kj::Promise<void>> workers;
  for (int job = 0; job < jobs; ++job) workers.add(work(callers_[job % callers_.size()]->agent(), addresses));
  auto end = kj::joinPromises(workers.releaseAsArray()).exclusiveJoin(kj::mv(failure.promise));
  auto greeting = greetAgainAndAgain().promise().eagerlyEvaluate(nullptr);
  loop().timer.timeoutAfter(kLongestTurn, kj::mv(end)).wait(io_.waitScope);
}

Task<void> StormClient::work(schema::Agent::Client agent, const std::vector<std::string>& addresses) {
  while (next_ < addresses.size()) co_await runTrue(agent, addresses[next_++]);
}

Task<void> StormClient::runTrue(schema::Agent::Client agent, const std::string& address) {
  auto request = agent.execRequest();
  request.initRequest().setTarget(address.c_str());
  request.getRequest().initSpec().initCommand().setLine(kj::StringPtr("true").asBytes());
  auto end = kj::newPromiseAndFulfiller<void>();
  Stopwatch stopwatch;
  auto told = [=, this](schema::Outcome::Reader outcome) { note(address, stopwatch.milliseconds(), outcome); };
  request.setOutput(kj::heap<OutcomeSink>(kj::mv(told), kj::mv(end.fulfiller)));
  auto command = request.send().getCommand();  // dropping it would cancel the command
  co_await end.promise.catch_([&](kj::Exception&&) { fail(address, "the daemon has let go of it; has it ended?"); });
}

void StormClient::note(const std::string& address, double wholeMs, schema::Outcome::Reader outcome) {
  std::string complaint = complaintAbout(outcome);
  if (!complaint.empty()) fail(address, complaint);
  auto times = outcome.getTimes();
  times_.whole.push_back(wholeMs);
  times_.connect.push_back(milliseconds(times.getConnectUs()));
  times_.handshake.push_back(milliseconds(times.getHandshakeUs()));
  times_.authenticate.push_back(milliseconds(times.getAuthenticateUs()));
  times_.command.push_back(milliseconds(times.getOpenUs() + times.getRunUs()));
}

// What a person at the command line would have to wait for while the daemon is busy with us.
Task<void> StormClient::greetAgainAndAgain() {
  for (;;) {
    co_await loop().timer.afterDelay(kGreetingPause);
    Stopwatch stopwatch;
    AgentClient visitor(loop(), connectTo(socket_), kVersion);
    auto greeting = co_await visitor.greeting();
    if (greeting) times_.hello.push_back(stopwatch.milliseconds());
  }
}

void StormClient::idleFor(double seconds) {
  auto time = static_cast<int64_t>(seconds * 1000) * kj::MILLISECONDS;
  loop().timer.afterDelay(time).wait(io_.waitScope);
}

// Ends the turn, whatever else is under way.
void StormClient::fail(const std::string& address, const std::string& why) {
  fail_->reject(KJ_EXCEPTION(FAILED, kj::str("`true` at ", address, ": ", why)));
}

StormClient::Figures StormClient::figures() {
  auto answer = callers_.front()->agent().statsRequest().send().wait(io_.waitScope);
  auto process = answer.getStats().getProcess();
  auto engine = answer.getStats().getEngine();
  return {.lagP99Ms = milliseconds(process.getLoopLagP99Us()),
          .lagMaxMs = milliseconds(process.getLoopLagMaxUs()),
          .connections = static_cast<int>(engine.getConnectionsActive() + engine.getConnectionsIdle()),
          .created = static_cast<int>(engine.getCreated())};
}

}  // namespace cbs::bench
