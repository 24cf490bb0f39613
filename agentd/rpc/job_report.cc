#include "agentd/rpc/job_report.h"

#include "agentd/queue/encoded.h"

namespace cbs::rpc {
namespace {

constexpr size_t kMostInDetail = 1'000;  // schema::Agent, awaitJobs
constexpr size_t kLargestAnswer = 16 * 1024 * 1024;
constexpr size_t kFixedSize = 400;  // about, of a job without its texts

size_t sizeOf(const queue::Job& job) {
  size_t bytes = kFixedSize + job.command.size() + job.outcome.size() + job.after.size() * 32 + job.target.size();
  for (const auto& [name, value] : job.labels) bytes += name.size() + value.size() + 48;
  return bytes;
}

// A command may have bytes that are no text.
std::string asText(const std::string& bytes) {
  std::string text = bytes;
  return text.substr(0, text.find('\0'));
}

}  // namespace

namespace {

void encodeDetails(const queue::Job& job, schema::JobInfo::Builder to) {
  auto labels = to.initLabels(static_cast<unsigned>(job.labels.size()));
  for (unsigned i = 0; i < labels.size(); ++i) {
    labels[i].setName(job.labels[i].first.c_str());
    labels[i].setValue(job.labels[i].second.c_str());
  }
  to.setCommand(asText(job.command).c_str());
  to.setIdempotencyKey(job.idempotencyKey.c_str());
}

void encode(const queue::Job& job, bool brief, schema::JobInfo::Builder to) {
  if (!brief) encodeDetails(job, to);
  to.setId(job.id.c_str());
  to.setName(job.name.c_str());
  to.setTarget(job.target.c_str());
  to.setState(job.state);
  to.setPriority(job.priority);
  to.setIdempotent(job.idempotent);
  auto after = to.initAfter(static_cast<unsigned>(job.after.size()));
  for (unsigned i = 0; i < after.size(); ++i) after.set(i, job.after[i].job.c_str());
  to.setSubmittedMs(job.submittedMs);
  to.setStartedMs(job.startedMs);
  to.setEndedMs(job.endedMs);
  to.setNotBeforeMs(job.notBeforeMs);
  to.setDeadlineMs(job.deadlineMs);
  to.setAttempts(job.attempts);
  if (!job.outcome.empty()) to.setOutcome(queue::Decoded<schema::Outcome>(job.outcome).get());
  to.setLogBytes(job.logBytes);
  to.setLogDroppedBytes(job.logDroppedBytes);
}

}  // namespace

void encode(const std::vector<queue::Job>& jobs, capnp::List<schema::JobInfo>::Builder to) {
  bool brief = jobs.size() > kMostInDetail;
  for (unsigned i = 0; i < to.size(); ++i) encode(jobs[i], brief, to[i]);
}

size_t cutToAnswer(std::vector<queue::Job>& jobs) {
  size_t bytes = 0, count = 0;
  while (count < jobs.size() && bytes < kLargestAnswer) bytes += sizeOf(jobs[count++]);
  jobs.resize(count);
  return count;
}

void encodePage(const std::vector<queue::Job>& jobs, capnp::List<schema::JobInfo>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) encode(jobs[i], false, to[i]);
}

void encode(const queue::LogPart& part, schema::LogPart::Builder to) {
  size_t used = 0;
  auto frames = queue::logFrames(part.bytes, part.bytes.size(), used);
  auto chunks = to.initChunks(static_cast<unsigned>(frames.size()));
  for (unsigned i = 0; i < chunks.size(); ++i) {
    chunks[i].setStream(frames[i].stream);
    chunks[i].setTimeMs(frames[i].timeMs);
    chunks[i].setBytes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(frames[i].bytes.data()), frames[i].bytes.size()));
  }
  to.setNext(part.next);
  to.setAttempt(part.attempt);
  to.setComplete(part.complete);
  to.setDroppedBytes(part.droppedBytes);
}

}  // namespace cbs::rpc
