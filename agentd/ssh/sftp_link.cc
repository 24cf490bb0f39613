#include "agentd/ssh/sftp_link.h"

#include <utility>

namespace cbs::ssh {
namespace {

// A fast server could keep one task busy without end: after so many bytes, about half a millisecond's worth, the loop
// looks at its other descriptors.
constexpr size_t kBytesPerTurn = 256 * 1024;

// What a message costs by itself, encrypting it or waking who waits for it, takes as long as moving so many bytes.
constexpr size_t kCostOfMessage = 4 * 1024;

Error lost(std::string detail) { return {ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, std::move(detail)}; }

}  // namespace

SftpLink::SftpLink(Loop loop, Channel& channel, kj::Duration silence)
    : loop_(loop),
      channel_(channel),
      silence_(silence),
      movedAt_(loop.timer.now()),
      sender_(send()),
      receiver_(receive()),
      watcher_(watch()) {}

Task<Expected<SftpMessage>> SftpLink::ask(SftpType type, std::string body, kj::Array<kj::byte> payload) {
  if (broken_) co_return fail(*broken_);
  if (waiting_.empty()) moved();
  uint32_t id = nextId_++;
  auto pair = kj::newPromiseAndFulfiller<Expected<SftpMessage>>();
  waiting_[id] = kj::mv(pair.fulfiller);
  auto frame = frameSftp(type, id, body, payload.size());
  outbox_.push_back({id, kj::mv(frame), kj::mv(payload)});
  if (wakeSender_.get() != nullptr) wakeSender_->fulfill();
  co_return co_await pair.promise;
}

Task<void> SftpLink::send() {
  size_t sinceTurn = 0;
  while (!broken_) {
    if (outbox_.empty()) {
      auto pair = kj::newPromiseAndFulfiller<void>();
      wakeSender_ = kj::mv(pair.fulfiller);
      co_await pair.promise;
      continue;
    }
    Outgoing message = kj::mv(outbox_.front());
    outbox_.pop_front();
    if (givenUp(message.id)) continue;
    size_t cost = message.frame.size() + message.payload.size() + kCostOfMessage;
    auto sent = co_await sendOne(kj::mv(message));
    if (!sent) co_return breakOff(lost(kj::mv(sent.error().detail)));
    moved();
    co_await letOthersRun(cost, sinceTurn);
  }
}

Task<Expected<void>> SftpLink::sendOne(Outgoing message) {
  auto sent = co_await channel_.write(kj::mv(message.frame));
  if (!sent || message.payload.size() == 0) co_return sent;
  co_return co_await channel_.write(kj::mv(message.payload));
}

Task<void> SftpLink::receive() {
  size_t sinceTurn = 0;
  while (!broken_) {
    auto chunk = co_await channel_.read();
    if (!chunk) co_return breakOff(lost(kj::mv(chunk.error().detail)));
    if (!*chunk) co_return breakOff(lost("the server ended the SFTP session"));
    if ((*chunk)->isStderr) continue;
    moved();
    auto keep = [this](SftpMessage message) { arrived_.push_back(kj::mv(message)); };
    bool understood = assembler_.take((*chunk)->bytes, keep);
    while (!arrived_.empty() && !broken_) {
      SftpMessage message = kj::mv(arrived_.front());
      arrived_.pop_front();
      size_t cost = message.body.size() + kCostOfMessage;
      answer(kj::mv(message));
      co_await letOthersRun(cost, sinceTurn);
    }
    if (!understood) co_return breakOff(lost("what the server sends is not SFTP"));
  }
}

// A timer, even one that is due, makes the loop look at its descriptors first.
Task<void> SftpLink::letOthersRun(size_t cost, size_t& sinceTurn) {
  sinceTurn += cost;
  if (sinceTurn < kBytesPerTurn) co_return;
  sinceTurn = 0;
  co_await loop_.timer.afterDelay(0 * kj::SECONDS);
}

Task<void> SftpLink::watch() {
  while (!broken_) {
    if (waiting_.empty()) moved();
    co_await loop_.timer.atTime(movedAt_ + silence_);
    if (waiting_.empty() || loop_.timer.now() - movedAt_ < silence_) continue;
    auto seconds = std::to_string(silence_ / kj::SECONDS);
    breakOff(
        {ErrorKind::TIMED_OUT, Reason::UNSPECIFIED, "the server did not answer an SFTP request for " + seconds + " s"});
  }
}

// Whether nobody waits for that answer any more, which is forgotten then.
bool SftpLink::givenUp(uint32_t id) {
  auto found = waiting_.find(id);
  if (found != waiting_.end() && found->second->isWaiting()) return false;
  waiting_.erase(id);
  return true;
}

// Answers to requests that were given up are ignored.
void SftpLink::answer(SftpMessage message) {
  auto found = waiting_.find(message.id);
  if (found == waiting_.end()) return;
  Waiter waiter = kj::mv(found->second);
  waiting_.erase(found);
  waiter->fulfill(kj::mv(message));
}

void SftpLink::breakOff(Error error) {
  if (broken_) return;
  broken_ = error;
  outbox_.clear();
  for (auto& [id, waiter] : std::exchange(waiting_, {})) waiter->fulfill(fail(error));
}

}  // namespace cbs::ssh
