#include "agentd/transfer/streams.h"

#include "common/deadline.h"

#include <algorithm>
#include <utility>

namespace cbs::transfer {
namespace {

// How often another channel is taken when the one that was lent turned out to be dead.
constexpr int kAttempts = 3;

// One more stream that takes longer to get is not worth a place in the line of those who wait for channels.
constexpr kj::Duration kOpenLimit = 30 * kj::SECONDS;

// A round trip that seems a little long may be due to a busy machine: it is measured again.
constexpr int kMeasurements = 3;
constexpr kj::Duration kSurelyFar = 10 * core::StreamGrowth::kFar;

// The request for the subsystem, and the first exchange with it.
constexpr int64_t kStartRoundTrips = 2;

}  // namespace

class Streams::Stream {
 public:
  Stream(kj::Own<Channels::Held> held, kj::Own<ssh::Sftp> sftp, kj::Duration startTook)
      : held(kj::mv(held)), sftp(kj::mv(sftp)), startTook(startTook) {}

  kj::Own<Channels::Held> held;
  kj::Own<ssh::Sftp> sftp;
  kj::Duration startTook;
  size_t index = 0;
  size_t underWay = 0;  // bytes of its places
};

Streams::Place::Place(Streams& streams, Stream& stream, size_t bytes)
    : streams_(&streams), stream_(&stream), bytes_(bytes) {
  stream.underWay += bytes;
}

Streams::Place::Place(Place&& other) noexcept
    : streams_(std::exchange(other.streams_, nullptr)), stream_(other.stream_), bytes_(other.bytes_) {}

Streams::Place::~Place() noexcept(false) {
  if (streams_ == nullptr) return;
  stream_->underWay -= bytes_;
  streams_->serve();
}

ssh::Sftp& Streams::Place::sftp() const { return *stream_->sftp; }
size_t Streams::Place::index() const { return stream_->index; }
void Streams::Place::done(size_t bytes) { streams_->moved(bytes); }

Streams::Streams(Loop loop, Channels& channels, unsigned fixed)
    : loop_(loop), channels_(channels), growth_(kMost, std::min(fixed, kMostFixed)), tasks_(*this) {}

Streams::~Streams() noexcept(false) = default;

Task<Expected<void>> Streams::start() {
  auto stream = co_await open();
  if (!stream) co_return fail(std::move(stream.error()));
  const kj::Duration roundTrip = (*stream)->startTook / kStartRoundTrips;
  add(kj::mv(*stream));
  if (roundTrip >= kSurelyFar) {
    roundTripIs(roundTrip);
  } else {
    tasks_.add(measureRoundTrip());
  }
  co_return {};
}

Task<Expected<kj::Own<Streams::Stream>>> Streams::open() {
  Error last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto held = co_await channels_.bulk();
    if (!held) co_return fail(std::move(held.error()));
    const kj::TimePoint start = loop_.timer.now();
    auto sftp = co_await ssh::Sftp::start(loop_, (*held)->channel());
    if (sftp) co_return kj::heap<Stream>(kj::mv(*held), kj::mv(*sftp), loop_.timer.now() - start);
    last = std::move(sftp.error());
    if (last.kind != ErrorKind::LOST) break;
  }
  co_return fail(std::move(last));
}

void Streams::add(kj::Own<Stream> stream) {
  stream->index = streams_.size();
  streams_.push_back(kj::mv(stream));
  growth_.working(working());
  most_ = std::max(most_, count());
  serve();
}

// Beside what the transfer does, as that would wait for one more round trip otherwise.
Task<void> Streams::measureRoundTrip() {
  const kj::MonotonicClock& clock = kj::systemPreciseMonotonicClock();
  kj::Duration least = 1 * kj::HOURS;
  for (int i = 0; i < kMeasurements; ++i) {
    kj::TimePoint start = clock.now();
    co_await first().realPath(".");
    if (first().broken()) co_return;
    least = std::min(least, clock.now() - start);
    if (least < core::StreamGrowth::kFar || least >= kSurelyFar) break;
  }
  roundTripIs(least);
}

void Streams::roundTripIs(kj::Duration time) {
  if (time >= core::StreamGrowth::kFar) mostUnderWay_ = kMostUnderWay;
  growth_.roundTripIs(time);
  grow();
}

void Streams::expect(uint64_t bytes) {
  growth_.asked(bytes);
  grow();
}

void Streams::grow() {
  while (streams_.size() + opening_ < growth_.wanted()) {
    ++opening_;
    tasks_.add(openAnother());
  }
}

Task<void> Streams::openAnother() {
  Error late{ErrorKind::OVERLOADED, Reason::POOL_FULL, "no channel for another stream"};
  auto stream = co_await within(loop_.timer, kOpenLimit, kj::mv(late), open());
  --opening_;
  if (stream) {
    add(kj::mv(*stream));
  } else {
    growth_.refused();
  }
}

ssh::Sftp& Streams::first() { return *streams_.front()->sftp; }

Task<Expected<Streams::Place>> Streams::place(size_t bytes) {
  expect(bytes);
  if (commands_ != nullptr) co_await commands_->clear();
  if (working() == 0) co_return failure();
  serve();  // whoever was first in line may have given up
  if (waiting_.empty()) {
    if (Stream* stream = pick(bytes)) co_return Place(*this, *stream, bytes);
  }
  auto pair = kj::newPromiseAndFulfiller<Expected<Place>>();
  waiting_.push_back({bytes, kj::mv(pair.fulfiller)});
  co_return co_await pair.promise;
}

unsigned Streams::working() const {
  return static_cast<unsigned>(
      std::count_if(streams_.begin(), streams_.end(), [](const auto& stream) { return !stream->sftp->broken(); }));
}

unsigned Streams::count() const { return std::min(working(), growth_.wanted()); }
unsigned Streams::most() const { return most_; }

// The least busy of the first that work, as many as are wanted; null if it has no room.
Streams::Stream* Streams::pick(size_t bytes) {
  Stream* best = nullptr;
  unsigned seen = 0;
  for (auto& stream : streams_) {
    if (stream->sftp->broken()) continue;
    if (seen++ == growth_.wanted()) break;
    if (best == nullptr || stream->underWay < best->underWay) best = stream.get();
  }
  bool room = best != nullptr && (best->underWay == 0 || best->underWay + bytes <= mostUnderWay_);
  return room ? best : nullptr;
}

Expected<Streams::Place> Streams::failure() const { return fail(*streams_.front()->sftp->breakage()); }

// A waiter's task that was dropped leaves a fulfiller that nobody listens to.
void Streams::serve() {
  bool broken = working() == 0;
  while (!waiting_.empty()) {
    Waiter& waiter = waiting_.front();
    if (waiter.fulfiller->isWaiting()) {
      Stream* stream = broken ? nullptr : pick(waiter.bytes);
      if (stream == nullptr && !broken) return;
      waiter.fulfiller->fulfill(broken ? failure() : Place(*this, *stream, waiter.bytes));
    }
    waiting_.pop_front();
  }
}

void Streams::moved(size_t bytes) {
  growth_.working(working());
  growth_.moved(bytes, loop_.timer.now());
  grow();
}

// One that cannot be opened is one less.
void Streams::taskFailed(kj::Exception&&) {}

}  // namespace cbs::transfer
