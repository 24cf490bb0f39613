#include "common/client/reply.h"

namespace cbs::client {
namespace {

// The library's enumerations have the schema's order.
template <typename To, typename From>
To sameEnumerant(From from, To last, To otherwise) {
  return static_cast<int>(from) <= static_cast<int>(last) ? static_cast<To>(from) : otherwise;
}

static_assert(static_cast<int>(cbsession::ErrorKind::commandRefused) == static_cast<int>(ErrorKind::COMMAND_REFUSED));
static_assert(static_cast<int>(cbsession::JobState::ended) == static_cast<int>(schema::JobState::ENDED));
static_assert(static_cast<int>(cbsession::Priority::high) == static_cast<int>(schema::Priority::HIGH));

std::string textOf(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

cbsession::JobInfo::Time timeOf(uint64_t ms) {
  if (ms == 0) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

std::chrono::microseconds microseconds(uint64_t count) {
  return std::chrono::microseconds(static_cast<int64_t>(count));
}

void readState(schema::Outcome::State::Reader from, cbsession::Outcome& to) {
  switch (from.which()) {
    case schema::Outcome::State::NOT_SENT:
      to.state = cbsession::State::notSent;
      break;
    case schema::Outcome::State::EXITED:
      to.state = cbsession::State::exited;
      to.exitCode = from.getExited();
      break;
    case schema::Outcome::State::SIGNALLED:
      to.state = cbsession::State::signalled;
      to.signal = textOf(from.getSignalled().getName());
      to.coreDumped = from.getSignalled().getCoreDumped();
      break;
    case schema::Outcome::State::UNKNOWN:
    default:  // a state that we do not know yet
      to.state = cbsession::State::unknown;
      break;
  }
}

void readTimes(schema::JobInfo::Reader from, cbsession::JobInfo& to) {
  to.submitted = timeOf(from.getSubmittedMs());
  to.started = timeOf(from.getStartedMs());
  to.ended = timeOf(from.getEndedMs());
  to.notBefore = timeOf(from.getNotBeforeMs());
  to.deadline = timeOf(from.getDeadlineMs());
}

}  // namespace

cbsession::Failure failureOf(const Error& error) {
  cbsession::Failure failure{
      .kind = sameEnumerant(error.kind, cbsession::ErrorKind::commandRefused, cbsession::ErrorKind::internal),
      .reason = error.kind == ErrorKind::NONE ? std::string() : std::string(nameOf(error.reason)),
      .detail = error.detail};
  for (const Fact& fact : error.facts) failure.facts.push_back({fact.name, fact.value});
  return failure;
}

void readOutcome(schema::Outcome::Reader from, cbsession::Outcome& to) {
  readState(from.getState(), to);
  to.failure = failureOf(decode(from.getError()));
  to.attempts = from.getAttempts();
  to.reusedConnection = from.getReusedConnection();
  to.outBytes = from.getStdoutBytes();
  to.errBytes = from.getStderrBytes();
  to.queued = microseconds(from.getTimes().getQueueUs());
  to.ran = microseconds(from.getTimes().getRunUs());
}

cbsession::JobInfo readJob(schema::JobInfo::Reader from) {
  cbsession::JobInfo to;
  to.id = textOf(from.getId());
  to.name = textOf(from.getName());
  for (auto label : from.getLabels()) to.labels.emplace(textOf(label.getName()), textOf(label.getValue()));
  to.target = textOf(from.getTarget());
  to.command = textOf(from.getCommand());
  to.state = sameEnumerant(from.getState(), cbsession::JobState::ended, cbsession::JobState::waiting);
  to.priority = sameEnumerant(from.getPriority(), cbsession::Priority::high, cbsession::Priority::normal);
  to.idempotent = from.getIdempotent();
  to.idempotencyKey = textOf(from.getIdempotencyKey());
  for (auto job : from.getAfter()) to.after.push_back(textOf(job));
  readTimes(from, to);
  to.attempts = from.getAttempts();
  if (to.state == cbsession::JobState::ended) readOutcome(from.getOutcome(), to.outcome);
  to.logBytes = from.getLogBytes();
  to.logDroppedBytes = from.getLogDroppedBytes();
  return to;
}

std::vector<cbsession::JobInfo> readJobs(capnp::List<schema::JobInfo>::Reader from) {
  std::vector<cbsession::JobInfo> jobs;
  jobs.reserve(from.size());
  for (auto job : from) jobs.push_back(readJob(job));
  return jobs;
}

std::string_view viewOf(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace cbs::client
