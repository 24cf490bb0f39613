// What happens on many hosts, on its way to the caller: many events go in one message.
#pragma once

#include "agentd/rpc/host_work.h"
#include "common/task.h"
#include "schema/fan_out.capnp.h"

#include <deque>
#include <optional>
#include <variant>

namespace cbs::rpc {

// Gathers whatever happens in one turn of the event loop, or while the caller is busy with what it was sent before.
//
// Output is not stored: it stays with the call that has brought it until it is put into a message, so that of each host
// one chunk waits at most, and hosts that print much take turns. Events go in the order in which they came.
class FanOutOutbox {
 public:
  explicit FanOutOutbox(schema::FanOutObserver::Client observer) : observer_(kj::mv(observer)) {}
  KJ_DISALLOW_COPY(FanOutOutbox);

  void started(uint32_t host);
  // Resolves once the chunk is on its way.
  kj::Promise<void> printed(uint32_t host, Chunk chunk);
  void ended(uint32_t host, schema::Outcome::Reader outcome);
  void moved(uint32_t host, schema::TransferResult::Reader result);

  // Resolves when not many events wait. Whoever makes events by the thousand asks before; one may wait at a time.
  kj::Promise<void> whenRoom();
  // Sends what there still is, and that this was all. To be called once, instead of whenRoom.
  Task<void> finish();

  // Fails when the caller takes no more. Nothing that waits for room goes on then.
  kj::Promise<void> whenBroken() { return broken_.addBranch(); }

 private:
  struct Print {
    Chunk chunk;
    kj::Own<kj::PromiseFulfiller<void>> taken;
  };
  using What =
      std::variant<std::monostate, Print, kj::Own<schema::Outcome::Reader>, kj::Own<schema::TransferResult::Reader>>;
  struct Event {
    uint32_t host;
    size_t bytes;  // in a message, more or less
    What what;
  };
  struct Waiter {
    size_t atMost;  // events
    kj::Own<kj::PromiseFulfiller<void>> fulfiller;
  };

  void add(Event event);
  static void describe(Event& event, schema::FanOutEvent::Builder to);
  Task<void> deliver();
  kj::Promise<void> sendSome();
  kj::Promise<void> whenLeft(size_t atMost);
  void tellWaiter();

  schema::FanOutObserver::Client observer_;
  std::deque<Event> waiting_;
  std::optional<Waiter> waiter_;
  bool delivering_ = false;
  kj::PromiseFulfillerPair<void> brokenPair_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> broken_ = brokenPair_.promise.fork();
  kj::Promise<void> delivery_ = kj::READY_NOW;
};

}  // namespace cbs::rpc
