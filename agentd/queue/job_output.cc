#include "agentd/queue/job_output.h"

#include "agentd/queue/encoded.h"

#include <kj/debug.h>

namespace cbs::queue {

// Of one attempt.
class JobOutput::Sink final : public schema::OutputSink::Server {
 public:
  explicit Sink(kj::Own<JobOutput> output) : output_(kj::mv(output)), attempt_(output_->attempt_) {}

  ~Sink() noexcept(false) {
    if (isHeard()) output_->sinkDropped();
  }

  kj::Promise<void> write(WriteContext context) override {
    auto chunk = context.getParams();
    if (isHeard() && output_->next_) return passOn(chunk);
    if (isHeard()) output_->append(chunk.getStream(), chunk.getBytes());
    return kj::READY_NOW;
  }
  kj::Promise<void> starting(StartingContext) override {
    KJ_REQUIRE(isHeard(), "the attempt is over");
    if (output_->next_) return output_->next_->startingRequest().send().ignoreResult();
    return output_->onStarting_();
  }
  kj::Promise<void> finished(FinishedContext context) override {
    if (!isHeard()) return kj::READY_NOW;
    auto outcome = context.getParams().getOutcome();
    if (output_->next_) return output_->passOutcomeOn(outcome);
    output_->noteOutcome(encoded(outcome));
    return kj::READY_NOW;
  }

 private:
  kj::Promise<void> passOn(WriteParams::Reader chunk) {
    auto request = output_->next_->writeRequest(chunk.totalSize());
    request.setStream(chunk.getStream());
    request.setBytes(chunk.getBytes());
    return request.send();
  }
  bool isHeard() const { return attempt_ == output_->attempt_; }

  kj::Own<JobOutput> output_;
  const uint32_t attempt_;
};

JobOutput::JobOutput(const kj::Clock& clock, std::shared_ptr<LogBudget> budget, std::string file, uint64_t most)
    : clock_(clock), budget_(kj::mv(budget)), log_(kj::mv(file), most) {}

JobOutput::~JobOutput() noexcept(false) { close(0); }

schema::OutputSink::Client JobOutput::begin(OnStarting onStarting) {
  close(0);
  onStarting_ = kj::mv(onStarting);
  log_.restart();
  refused_ = 0;
  return newSink();
}

schema::OutputSink::Client JobOutput::goOn(const LogState& from, OnStarting onStarting) {
  onStarting_ = kj::mv(onStarting);
  log_.resume(from);
  taken_ = from.size;
  budget_->add(taken_);
  return newSink();
}

schema::OutputSink::Client JobOutput::newSink() {
  outcome_ = kj::newPromiseAndFulfiller<std::string>();
  hasOutcome_ = false;
  return kj::heap<Sink>(kj::addRef(*this));
}

void JobOutput::noteOutcome(std::string outcome) {
  hasOutcome_ = true;
  outcome_.fulfiller->fulfill(kj::mv(outcome));
}

kj::Promise<void> JobOutput::passOn(schema::OutputSink::Client to) {
  next_ = kj::mv(to);
  auto pair = kj::newPromiseAndFulfiller<void>();
  passedOn_ = kj::mv(pair.fulfiller);
  wakeReaders();
  return kj::mv(pair.promise);
}

kj::Promise<void> JobOutput::passOutcomeOn(schema::Outcome::Reader outcome) {
  auto request = next_->finishedRequest(outcome.totalSize());
  request.setOutcome(outcome);
  hasOutcome_ = true;
  return request.send().ignoreResult().then([self = kj::addRef(*this)]() mutable { self->passedOn_->fulfill(); });
}

// Whoever runs the command has let go of it.
void JobOutput::sinkDropped() {
  if (next_) passedOn_->fulfill();
  next_.reset();
  if (!hasOutcome_) outcome_.fulfiller->reject(KJ_EXCEPTION(DISCONNECTED, "nobody tells the outcome any more"));
}

void JobOutput::append(schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
  uint64_t wanted = kLogHead * (1 + bytes.size() / kMostInFrame) + bytes.size();
  bool hasRoom = refused_ == 0 && budget_->take(wanted);  // a log has an end, but no holes
  if (!hasRoom) {
    refused_ += bytes.size();
    return;
  }
  uint64_t before = log_.size();
  log_.append(stream, timeOfDayMs(clock_), bytes);
  uint64_t grown = log_.size() - before;
  taken_ += grown;
  budget_->give(wanted - grown);
  wakeReaders();
}

kj::Promise<void> JobOutput::whenMore() {
  std::erase_if(readers_, [](auto& reader) { return !reader->isWaiting(); });
  auto pair = kj::newPromiseAndFulfiller<void>();
  readers_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void JobOutput::close(uint64_t kept) {
  ++attempt_;
  budget_->give(taken_);
  budget_->add(kept);
  taken_ = 0;
  wakeReaders();
}

void JobOutput::wakeReaders() {
  for (auto& reader : std::exchange(readers_, {})) reader->fulfill();
}

uint64_t timeOfDayMs(const kj::Clock& clock) {
  return static_cast<uint64_t>((clock.now() - kj::UNIX_EPOCH) / kj::MILLISECONDS);
}

}  // namespace cbs::queue
