#include "agentd/queue/command_queue.h"

#include <optional>

namespace cbs::queue {
namespace {

// The longest duration that is not taken for "for ever"; beyond about 290 years a point in time would overflow.
constexpr kj::Duration kLongestWait = 1000 * kj::DAYS;

std::string_view nameOf(RejectionPolicy policy) {
  switch (policy) {
    case RejectionPolicy::ABORT:
      return "abort";
    case RejectionPolicy::BLOCK:
      return "block";
    case RejectionPolicy::DISCARD:
      return "discard";
    case RejectionPolicy::DISCARD_OLDEST:
      break;
  }
  return "discard_oldest";
}

}  // namespace

// A place in the queue, for as long as it lives or until it is settled.
class CommandQueue::Waiter {
 public:
  Waiter(std::list<Waiter*>& queue, std::string host)
      : host(std::move(host)), queue_(queue), place_(queue.insert(queue.end(), this)) {}
  KJ_DISALLOW_COPY(Waiter);
  ~Waiter() { leave(); }

  // Ends the wait. A lane that nobody takes up any more is free again at once.
  void settle(Expected<Lane> result) {
    leave();
    pair_.fulfiller->fulfill(kj::mv(result));
  }

  // To be called once.
  kj::Promise<Expected<Lane>> lane(kj::Timer& timer, kj::Maybe<kj::Duration> deadline) {
    KJ_IF_MAYBE (limit, deadline) {
      auto expired = timer.afterDelay(kj::min(*limit, kLongestWait)).then([this]() -> Expected<Lane> {
        return fail(
            Error{ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, "the command waited for its turn until its deadline"}
                .with("depth", std::to_string(queue_.size()))
                .with("host", host));
      });
      return pair_.promise.exclusiveJoin(kj::mv(expired));
    }
    return kj::mv(pair_.promise);
  }

  const std::string host;

 private:
  void leave() {
    if (place_) queue_.erase(*place_);
    place_.reset();
  }

  std::list<Waiter*>& queue_;
  std::optional<std::list<Waiter*>::iterator> place_;
  kj::PromiseFulfillerPair<Expected<Lane>> pair_ = kj::newPromiseAndFulfiller<Expected<Lane>>();
};

Lane::~Lane() {
  if (queue_ != nullptr) queue_->release();
}

CommandQueue::CommandQueue(kj::Timer& timer, core::LaneLimits limits)
    : timer_(timer), limits_(limits), lanes_(limits) {}

Task<Expected<Lane>> CommandQueue::enter(Ticket ticket) {
  if (draining_) {
    ++rejected_;
    co_return fail(ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon takes no new commands");
  }
  const core::Arrival arrival = lanes_.arrive(timer_.now(), waiting_.size());
  if (arrival == core::Arrival::REFUSED) {
    ++rejected_;
    co_return fail(full(ticket.host));
  }
  ++accepted_;
  if (arrival == core::Arrival::RUN) co_return Lane(*this);
  if (arrival == core::Arrival::REPLACE_OLDEST) refuseOldest();
  Waiter waiter(waiting_, kj::mv(ticket.host));
  if (arrival == core::Arrival::WAIT_AND_ADMIT) admitOldest();
  auto lane = co_await waiter.lane(timer_, ticket.deadline);
  if (!lane && lane.error().kind == ErrorKind::TIMED_OUT) ++expired_;
  co_return kj::mv(lane);
}

void CommandQueue::release() {
  if (lanes_.leave(timer_.now(), waiting_.size())) admitOldest();
}

void CommandQueue::setLimits(core::LaneLimits limits) {
  limits_ = limits;
  lanes_.setLimits(limits);
  while (lanes_.admit(waiting_.size())) admitOldest();
}

void CommandQueue::admitOldest() { waiting_.front()->settle(Lane(*this)); }

void CommandQueue::refuseOldest() {
  ++rejected_;
  Waiter& oldest = *waiting_.front();
  oldest.settle(fail(full(oldest.host)));
}

Error CommandQueue::full(const std::string& host) const {
  return Error{ErrorKind::OVERLOADED, Reason::QUEUE_FULL, "as many commands run and wait as the daemon allows"}
      .with("policy", std::string(nameOf(limits_.policy)))
      .with("active", std::to_string(lanes_.active()))
      .with("depth", std::to_string(waiting_.size()))
      .with("capacity", std::to_string(limits_.queueCapacity))
      .with("host", host);
}

QueueFigures CommandQueue::figures() const {
  return {.active = lanes_.active(),
          .depth = static_cast<uint32_t>(waiting_.size()),
          .lanes = lanes_.open(timer_.now()),
          .accepted = accepted_,
          .rejected = rejected_,
          .expired = expired_};
}

}  // namespace cbs::queue
