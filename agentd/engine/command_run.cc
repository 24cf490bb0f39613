#include "agentd/engine/command_run.h"

#include "agentd/core/backoff.h"
#include "common/deadline.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <utility>

namespace cbs::engine {
namespace {

// From TERM to KILL, and from there to leaving the command to its fate: a caller that cancels does not wait longer than
// this.
constexpr kj::Duration kTermGrace = 2 * kj::SECONDS;
constexpr kj::Duration kKillGrace = 1 * kj::SECONDS;

// A connection can break between two commands; that costs the caller nothing but another connection.
constexpr unsigned kSilentRetries = 2;

bool endsAProcess(std::string_view signal) {
  constexpr std::array<std::string_view, 5> kNames = {"INT", "TERM", "HUP", "KILL", "QUIT"};
  return std::find(kNames.begin(), kNames.end(), signal) != kNames.end();
}

uint64_t random64() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

CommandRun::CommandRun(Loop loop, pool::Pool& pool, std::shared_ptr<const pool::HostAccess> access, CommandPlan plan,
                       schema::OutputSink::Client output)
    : loop_(loop),
      pool_(pool),
      access_(kj::mv(access)),
      plan_(kj::mv(plan)),
      output_(kj::mv(output)),
      startedAt_(loop.timer.now()) {}

Task<void> CommandRun::run() {
  auto expiry = expire();
  do {
    co_await runOnce();
  } while (mayStartOver());
  phase_ = Phase::ENDED;
  startPair_.fulfiller->fulfill();
  co_await report();
}

Task<void> CommandRun::runOnce() {
  try {
    abandonPair_ = kj::newPromiseAndFulfiller<void>();
    co_await launch().promise().exclusiveJoin(kj::mv(abandonPair_.promise));
    if (phase_ == Phase::RUNNING) {
      abandonPair_ = kj::newPromiseAndFulfiller<void>();
      co_await attend().promise().exclusiveJoin(kj::mv(abandonPair_.promise));
    }
  } catch (const kj::Exception& exception) {
    if (!outcome_.error)
      outcome_.error = Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
  }
  channelUsers_.cancel("the command has ended");
  stopper_.reset();
  lease_.reset();
}

// An idempotent command whose fate is unknown runs again, as long as its caller has seen nothing of it and fed nothing
// to it.
bool CommandRun::mayStartOver() {
  bool unseen = outcome_.stdoutBytes + outcome_.stderrBytes == 0 && !plan_.forwardStdin;
  bool lost = outcome_.state == Outcome::State::UNKNOWN && outcome_.error && outcome_.error->kind == ErrorKind::LOST;
  if (!plan_.idempotent || !unseen || !lost || startedOver_++ >= std::max(plan_.retries, kSilentRetries)) return false;
  outcome_.error.reset();
  startAnew();
  return true;
}

void CommandRun::startAnew() {
  maybeRan_ |= outcome_.state != Outcome::State::NOT_SENT;
  outcome_.state = Outcome::State::NOT_SENT;
  phase_ = Phase::STARTING;
}

// Gets the command started, or sets the error that says why it could not be.
Task<void> CommandRun::launch() {
  for (unsigned tried = 0;; ++tried) {
    ++outcome_.attempts;
    auto started = co_await attempt();
    if (started) {
      startedAt_ = loop_.timer.now();
      phase_ = Phase::RUNNING;
      startPair_.fulfiller->fulfill();
      co_return;
    }
    if (!mayRetry(started.error(), tried)) {
      if (!outcome_.error) outcome_.error = kj::mv(started.error());
      co_return;
    }
    channelUsers_.cancel("another try");
    lease_.reset();
    startAnew();
    // A connection that broke is replaced at once; a host that cannot be reached gets time.
    if (started.error().kind == ErrorKind::UNREACHABLE) {
      co_await loop_.timer.afterDelay(core::backoff({}, tried, random64()));
    }
  }
}

bool CommandRun::mayRetry(const Error& error, unsigned tried) const {
  bool notSent = outcome_.state == Outcome::State::NOT_SENT;
  if (stopper_ || (!notSent && !plan_.idempotent)) return false;
  if (error.kind == ErrorKind::LOST) return tried < std::max(plan_.retries, kSilentRetries);
  return error.kind == ErrorKind::UNREACHABLE && tried < plan_.retries;
}

// One try on one connection. outcome_.state says afterwards whether the command can have been sent.
Task<Expected<void>> CommandRun::attempt() {
  kj::TimePoint start = loop_.timer.now();
  auto lease = co_await pool_.borrow(access_);
  outcome_.times.poolUs += microsecondsSince(loop_.timer, start);
  if (!lease) co_return fail(lease.error());
  outcome_.reusedConnection = lease->reused;
  if (!lease->reused) outcome_.ignored = access_->ignored;
  outcome_.times.dial = lease->dial;
  lease_.emplace(kj::mv(*lease));

  start = loop_.timer.now();
  auto prepared = co_await prepare(*lease_->channel);
  if (!prepared) co_return prepared;
  auto announced = co_await announce();
  if (!announced) co_return announced;
  phase_ = Phase::SENDING;
  outcome_.state = Outcome::State::UNKNOWN;
  bool sent = false;
  auto started = co_await lease_->channel->start(plan_.program, plan_.line, &sent);
  outcome_.times.openUs = microsecondsSince(loop_.timer, start);
  bool refused = !started && started.error().kind != ErrorKind::LOST;
  if (!sent || refused) outcome_.state = Outcome::State::NOT_SENT;
  co_return started;
}

// What has to be asked for before the command itself.
Task<Expected<void>> CommandRun::prepare(ssh::Channel& channel) {
  if (plan_.terminal) {
    auto granted = co_await channel.requestTerminal(*plan_.terminal);
    if (!granted) co_return granted;
  }
  for (const auto* variables : {&std::as_const(plan_).sentVariables, &access_->environment}) {
    for (const auto& [name, value] : *variables) {
      auto set = co_await channel.setEnvironment(name, value);
      if (!set) co_return set;
    }
  }
  co_return {};
}

// Nothing is sent before the sink knows, so that what it has not noted as started did not start.
Task<Expected<void>> CommandRun::announce() {
  if (!plan_.announceStart) co_return {};
  try {
    co_await output_.startingRequest().send();
  } catch (const kj::Exception& exception) {
    co_return fail(ErrorKind::CANCELLED, Reason::CALLER_GONE, exception.getDescription().cStr());
  }
  co_return {};
}

// From the command's start to its end.
Task<void> CommandRun::attend() {
  lease_->started();
  auto status = co_await pump();
  conclude(kj::mv(status));
}

Task<Expected<ssh::ExitStatus>> CommandRun::pump() {
  ssh::Channel& channel = *lease_->channel;
  if (!plan_.forwardStdin) {
    auto ended = co_await channel.sendEof();
    if (!ended) co_return fail(ended.error());
  }
  for (;;) {
    auto chunk = co_await channel.read();
    if (!chunk) co_return fail(chunk.error());
    if (!*chunk) break;
    co_await pass(**chunk);
  }
  co_return co_await channel.awaitExit();
}

// Hands a chunk to the sink, which holds back the command by not returning.
Task<void> CommandRun::pass(const ssh::Channel::Chunk& chunk) {
  (chunk.isStderr ? outcome_.stderrBytes : outcome_.stdoutBytes) += chunk.bytes.size();
  if (outputBroken_) co_return;
  auto request = output_.writeRequest(capnp::MessageSize{chunk.bytes.size() / sizeof(capnp::word) + 16, 0});
  request.setStream(chunk.isStderr ? schema::OutputStream::STDERR : schema::OutputStream::STDOUT);
  request.setBytes(chunk.bytes);
  try {
    co_await request.send();
  } catch (const kj::Exception&) {
    outputBroken_ = true;
    stop({ErrorKind::CANCELLED, Reason::CALLER_GONE, "nobody reads the output any more"});
  }
}

void CommandRun::conclude(Expected<ssh::ExitStatus> status) {
  outcome_.times.runUs = microsecondsSince(loop_.timer, startedAt_);
  if (!status) {
    if (!outcome_.error) outcome_.error = kj::mv(status.error());
    return;
  }
  switch (status->kind) {
    case ssh::ExitStatus::Kind::EXITED:
      outcome_.state = Outcome::State::EXITED;
      outcome_.exitCode = status->code;
      break;
    case ssh::ExitStatus::Kind::SIGNALLED:
      outcome_.state = Outcome::State::SIGNALLED;
      outcome_.signal = status->signal;
      break;
    case ssh::ExitStatus::Kind::UNKNOWN:
      if (!outcome_.error) {
        outcome_.error =
            Error{ErrorKind::LOST, Reason::STATUS_MISSING, "the server closed the channel without a status"};
      }
      break;
  }
}

Task<void> CommandRun::expire() {
  if (plan_.timeout == 0 * kj::SECONDS) co_return;
  co_await loop_.timer.afterDelay(plan_.timeout);
  stop(late().with("timeoutMs", std::to_string(plan_.timeout / kj::MILLISECONDS)));
}

Error CommandRun::late() const {
  if (phase_ != Phase::STARTING) return {ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, ""};
  const char* detail = maybeRan_ ? "again, after an attempt that may have run" : "it waited for a connection";
  return {ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, detail};
}

void CommandRun::stop(Error why) {
  if (phase_ == Phase::ENDED || stopper_) return;
  outcome_.error = kj::mv(why);
  if (phase_ == Phase::STARTING) {
    abandonPair_.fulfiller->fulfill();
  } else {
    stopper_.emplace(stopRunning());
  }
}

Task<void> CommandRun::stopRunning() {
  co_await signal("TERM");
  co_await loop_.timer.afterDelay(kTermGrace);
  co_await signal("KILL");
  co_await loop_.timer.afterDelay(kKillGrace);
  abandonPair_.fulfiller->fulfill();
}

// Does something on the channel, unless the command ends first.
Task<void> CommandRun::meanwhile(Task<Expected<void>> work) {
  try {
    co_await channelUsers_.wrap(kj::mv(work).promise());
  } catch (const kj::Exception&) {
    // It has ended, and its outcome says how.
  }
}

Task<void> CommandRun::signal(std::string name) {
  if (phase_ == Phase::STARTING && endsAProcess(name)) {
    stop({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "before the command was sent"});
  }
  bool sent = phase_ == Phase::SENDING || phase_ == Phase::RUNNING;
  if (sent) co_await meanwhile(lease_->channel->signal(kj::mv(name)));
}

Task<void> CommandRun::resize(unsigned columns, unsigned rows) {
  co_await leftStarting_.addBranch();
  if (phase_ == Phase::RUNNING) co_await meanwhile(lease_->channel->resize(columns, rows));
}

Task<void> CommandRun::feed(kj::Array<kj::byte> bytes) {
  co_await leftStarting_.addBranch();
  if (phase_ == Phase::RUNNING) co_await meanwhile(lease_->channel->write(kj::mv(bytes)));
}

Task<void> CommandRun::endInput() {
  co_await leftStarting_.addBranch();
  if (phase_ == Phase::RUNNING) co_await meanwhile(lease_->channel->sendEof());
}

Task<void> CommandRun::report() {
  if (maybeRan_ && outcome_.state == Outcome::State::NOT_SENT) outcome_.state = Outcome::State::UNKNOWN;
  auto request = output_.finishedRequest();
  encode(outcome_, request.initOutcome());
  try {
    co_await request.send();
  } catch (const kj::Exception&) {
    // The caller has gone; what it wanted to know has no reader.
  }
}

}  // namespace cbs::engine
