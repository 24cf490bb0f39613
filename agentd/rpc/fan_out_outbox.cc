#include "agentd/rpc/fan_out_outbox.h"

#include <utility>

namespace cbs::rpc {
namespace {

// In a message. The first bounds what the caller gets at a time, the second how long it takes to put together.
constexpr size_t kMostBytes = size_t{256} * 1024;
constexpr size_t kMostEvents = 500;

// Of those that wait, before whoever makes them has to.
constexpr size_t kManyEvents = 2000;

constexpr size_t kEventBytes = 5 * sizeof(capnp::word);

template <typename Told>
size_t wireBytesOf(Told told) {
  return kEventBytes + told.totalSize().wordCount * sizeof(capnp::word);
}

}  // namespace

void FanOutOutbox::started(uint32_t host) { add({host, kEventBytes, {}}); }

kj::Promise<void> FanOutOutbox::printed(uint32_t host, Chunk chunk) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  size_t bytes = kEventBytes + chunk.getParams().getBytes().size();
  add({host, bytes, Print{kj::mv(chunk), kj::mv(pair.fulfiller)}});
  return kj::mv(pair.promise);
}

void FanOutOutbox::ended(uint32_t host, schema::Outcome::Reader outcome) {
  add({host, wireBytesOf(outcome), capnp::clone(outcome)});
}

void FanOutOutbox::moved(uint32_t host, schema::TransferResult::Reader result) {
  add({host, wireBytesOf(result), capnp::clone(result)});
}

// What fails counts as under way for ever. Those whose output waits are let go, so that they end.
void FanOutOutbox::add(Event event) {
  waiting_.push_back(kj::mv(event));
  if (std::exchange(delivering_, true)) return;
  auto broken = [this](kj::Exception&& why) {
    waiting_.clear();
    brokenPair_.fulfiller->reject(kj::mv(why));
  };
  delivery_ = kj::evalLast([this]() { return deliver().promise(); }).eagerlyEvaluate(kj::mv(broken));
}

// Whatever comes of a message's taking, such as more output, comes into the next one.
Task<void> FanOutOutbox::deliver() {
  while (!waiting_.empty()) {
    co_await sendSome();
    co_await kj::evalLast([]() {});
  }
  delivering_ = false;
  tellWaiter();
}

// As much as there is, and as goes into a message.
kj::Promise<void> FanOutOutbox::sendSome() {
  size_t bytes = 0;
  unsigned count = 0;
  for (const auto& event : waiting_) {
    if (count == kMostEvents || (count > 0 && bytes + event.bytes > kMostBytes)) break;
    bytes += event.bytes;
    ++count;
  }
  auto request = observer_.eventsRequest(capnp::MessageSize{bytes / sizeof(capnp::word) + count + 16, 0});
  auto events = request.initEvents(count);
  for (unsigned i = 0; i < count; ++i) describe(waiting_[i], events[i]);
  auto sent = request.send();
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  tellWaiter();
  return sent;
}

void FanOutOutbox::describe(Event& event, schema::FanOutEvent::Builder to) {
  to.setHost(event.host);
  auto what = to.getWhat();
  if (auto* print = std::get_if<Print>(&event.what)) {
    auto chunk = print->chunk.getParams();
    auto output = what.initOutput();
    output.setStream(chunk.getStream());
    output.setBytes(chunk.getBytes());
    print->taken->fulfill();
  } else if (auto* outcome = std::get_if<kj::Own<schema::Outcome::Reader>>(&event.what)) {
    what.setEnded(**outcome);
  } else if (auto* result = std::get_if<kj::Own<schema::TransferResult::Reader>>(&event.what)) {
    what.setMoved(**result);
  } else {
    what.setStarted();
  }
}

kj::Promise<void> FanOutOutbox::whenRoom() { return whenLeft(kManyEvents); }

Task<void> FanOutOutbox::finish() {
  co_await whenLeft(0);
  co_await observer_.finishedRequest().send();
}

kj::Promise<void> FanOutOutbox::whenLeft(size_t atMost) {
  if (waiting_.size() <= atMost) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waiter_ = Waiter{atMost, kj::mv(pair.fulfiller)};
  return kj::mv(pair.promise);
}

void FanOutOutbox::tellWaiter() {
  if (!waiter_ || waiting_.size() > waiter_->atMost) return;
  waiter_->fulfiller->fulfill();
  waiter_.reset();
}

}  // namespace cbs::rpc
