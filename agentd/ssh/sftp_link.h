// Requests and answers of SFTP on one channel, any number of them under way.
//
// It stands on a Channel rather than on libssh2's own SFTP, which opens its channel by itself (past the pool's), has
// one state per session, so that a call that was begun must be ended, and cuts what it sends into 30,000 bytes. Here a
// request is given up by being dropped.
#pragma once

#include "agentd/ssh/channel.h"
#include "agentd/ssh/sftp_assembler.h"
#include "common/loop.h"

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace cbs::ssh {

class SftpLink {
 public:
  // When requests wait and nothing moves for this long, the link breaks off. (60 s is more than any disk needs to wake
  // up.)
  static constexpr kj::Duration kSilence = 60 * kj::SECONDS;

  // The channel runs the SFTP subsystem, nobody else uses it, and it outlives the link.
  SftpLink(Loop loop, Channel& channel, kj::Duration silence = kSilence);
  KJ_DISALLOW_COPY(SftpLink);

  // Sends a request and gives its answer, whatever that is. `payload` is sent after `body` as a part of it. Fails with
  // transferFailed/connectionLost or timedOut when the link breaks off. A request that is dropped before it was sent is
  // not sent.
  Task<Expected<SftpMessage>> ask(SftpType type, std::string body, kj::Array<kj::byte> payload = nullptr);

  // Why it can be used no longer, if so.
  const std::optional<Error>& broken() const { return broken_; }

 private:
  struct Outgoing {
    uint32_t id;
    kj::Array<kj::byte> frame;
    kj::Array<kj::byte> payload;
  };
  using Waiter = kj::Own<kj::PromiseFulfiller<Expected<SftpMessage>>>;

  Task<void> send();
  Task<Expected<void>> sendOne(Outgoing message);
  Task<void> receive();
  Task<void> watch();
  Task<void> letOthersRun(size_t cost, size_t& sinceTurn);
  bool givenUp(uint32_t id);
  void answer(SftpMessage message);
  void breakOff(Error error);
  void moved() { movedAt_ = loop_.timer.now(); }

  Loop loop_;
  Channel& channel_;
  kj::Duration silence_;
  // INIT and VERSION carry the protocol's version where others have the request's number: as the first request has that
  // number, they are no exception.
  uint32_t nextId_ = 3;
  std::unordered_map<uint32_t, Waiter> waiting_;
  std::deque<Outgoing> outbox_;
  kj::Own<kj::PromiseFulfiller<void>> wakeSender_;
  SftpAssembler assembler_;
  std::deque<SftpMessage> arrived_;  // whose waiters do not know yet
  std::optional<Error> broken_;
  kj::TimePoint movedAt_;  // when bytes last went either way, or a request found none before it

  Task<void> sender_;
  Task<void> receiver_;
  Task<void> watcher_;
};

}  // namespace cbs::ssh
