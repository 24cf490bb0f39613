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

const std::string& nameOfHost(const Ticket& ticket) { return ticket.hostName.empty() ? ticket.host : ticket.hostName; }

}  // namespace

// A place in the queue, for as long as it lives or until it is settled.
class CommandQueue::Waiter final : public Entrant {
 public:
  // `ticket` outlives it.
  Waiter(CommandQueue& queue, const Ticket& ticket) : ticket(ticket), queue_(queue) {
    queue_.schedule_.push(*this, ticket.priority, ticket.caller, ticket.host);
    place_ = queue_.waiters_.insert(queue_.waiters_.end(), this);
  }
  ~Waiter() { leave(); }

  void admitted(Lane lane) override { settle(kj::mv(lane)); }

  // Ends the wait. A lane that nobody takes up any more is free again at once.
  void settle(Expected<Lane> result) {
    leave();
    if (fulfiller_.get() != nullptr) {
      fulfiller_->fulfill(kj::mv(result));
    } else {
      result_ = kj::mv(result);
    }
  }

  // What the wait has ended with, if it has before it was waited for.
  std::optional<Expected<Lane>>& result() { return result_; }

  // To be called once, if there is no result.
  kj::Promise<Expected<Lane>> wait() {
    auto pair = kj::newPromiseAndFulfiller<Expected<Lane>>();
    fulfiller_ = kj::mv(pair.fulfiller);
    KJ_IF_MAYBE (limit, ticket.deadline) {
      auto end = queue_.timer_.afterDelay(kj::min(*limit, kLongestWait));
      expiry_ = end.then([this]() { expire(); }).eagerlyEvaluate(nullptr);
    }
    return kj::mv(pair.promise);
  }

  const Ticket& ticket;

 private:
  void expire() {
    if (!waits()) return;
    ++queue_.expired_;
    settle(fail(Error{ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, "it waited for its turn"}
                    .with("depth", std::to_string(queue_.waiters_.size()))
                    .with("host", nameOfHost(ticket))));
  }

  void leave() {
    if (waits()) queue_.schedule_.remove(*this);
    if (place_) queue_.waiters_.erase(*place_);
    place_.reset();
  }

  CommandQueue& queue_;
  std::optional<std::list<Waiter*>::iterator> place_;
  kj::Own<kj::PromiseFulfiller<Expected<Lane>>> fulfiller_;
  std::optional<Expected<Lane>> result_;
  kj::Promise<void> expiry_ = nullptr;
};

Lane::~Lane() {
  if (queue_ != nullptr) queue_->release(slot_);
}

CommandQueue::CommandQueue(kj::Timer& timer, core::LaneLimits limits, core::ShareLimits shares)
    : timer_(timer), limits_(limits), lanes_(limits), schedule_(shares) {}

Task<Expected<Lane>> CommandQueue::enter(Ticket ticket) {
  if (draining_) {
    co_return fail(refusal({ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon takes no new commands"}));
  }
  Waiter waiter(*this, ticket);
  admit();
  if (overfull() && !makeRoom(waiter)) co_return fail(refusal(full(ticket)));
  ++accepted_;
  if (waiter.result()) co_return kj::mv(*waiter.result());
  co_return co_await waiter.wait();
}

void CommandQueue::join(Entrant& entrant, schema::Priority priority, const std::string& caller,
                        const std::string& host) {
  schedule_.push(entrant, priority, caller, host);
  admit();
}

Lane CommandQueue::occupy(const std::string& caller, const std::string& host) {
  lanes_.occupy();
  return Lane(*this, schedule_.occupy(caller, host));
}

void CommandQueue::release(core::Schedule::Slot slot) {
  schedule_.finished(slot);
  lanes_.leave(timer_.now());
  admit();
}

void CommandQueue::setLimits(core::LaneLimits limits, core::ShareLimits shares) {
  limits_ = limits;
  lanes_.setLimits(limits);
  schedule_.setLimits(shares);
  admit();
}

// Gives the lanes that are free to those that can run.
void CommandQueue::admit() {
  while (schedule_.runnable() && lanes_.take(timer_.now())) admitNext();
}

void CommandQueue::admitNext() {
  auto turn = schedule_.next();
  static_cast<Entrant&>(turn.item).admitted(Lane(*this, turn.slot));
}

bool CommandQueue::overfull() const { return waiters_.size() > limits_.queueCapacity; }

// Brings the queue back to its capacity, beyond which `comer` has come. False if that one is to be refused for it.
bool CommandQueue::makeRoom(Waiter& comer) {
  while (overfull() && schedule_.runnable() && lanes_.takeExtra()) admitNext();
  if (!overfull() || !comer.waits()) return true;
  auto answer = lanes_.whenFull(waiters_.size() - 1);
  if (answer == core::WhenFull::REPLACE_OLDEST) refuseOldest();
  return answer != core::WhenFull::REFUSE;
}

void CommandQueue::refuseOldest() {
  Waiter& oldest = *waiters_.front();
  oldest.settle(fail(refusal(full(oldest.ticket))));
}

// The same, counted.
Error CommandQueue::refusal(Error why) {
  ++rejections_[why.reason];
  return why;
}

// What is told to one that is refused, and still among those that wait.
Error CommandQueue::full(const Ticket& ticket) const {
  return Error{ErrorKind::OVERLOADED, Reason::QUEUE_FULL, "as many commands run and wait as the daemon allows"}
      .with("policy", std::string(nameOf(limits_.policy)))
      .with("active", std::to_string(lanes_.active()))
      .with("depth", std::to_string(waiters_.size() - 1))
      .with("capacity", std::to_string(limits_.queueCapacity))
      .with("host", nameOfHost(ticket));
}

QueueFigures CommandQueue::figures() const {
  uint64_t rejected = 0;
  for (const auto& [reason, count] : rejections_) rejected += count;
  return {.active = lanes_.active(),
          .depth = static_cast<uint32_t>(waiters_.size()),
          .lanes = lanes_.open(timer_.now()),
          .accepted = accepted_,
          .rejected = rejected,
          .rejections = rejections_,
          .expired = expired_};
}

}  // namespace cbs::queue
