// An authenticated SSH connection, and the channels on it.
#pragma once

#include "agentd/ssh/address_gate.h"
#include "agentd/ssh/authentication.h"
#include "agentd/ssh/carrier.h"
#include "agentd/ssh/channel.h"
#include "agentd/ssh/credentials.h"
#include "agentd/ssh/dial_progress.h"
#include "agentd/ssh/login.h"
#include "agentd/ssh/transport.h"
#include "common/turnstile.h"

#include <list>
#include <memory>
#include <optional>
#include <string>

namespace cbs::ssh {

struct DialRequest {
  TransportOptions transport;
  std::string user;
  Algorithms algorithms;
  LoginMethods methods = {};
  // For name, network and handshake together, without what the gate makes us wait; and for the login, which may wait
  // for a person to touch a security key.
  kj::Duration connectLimit = 10 * kj::SECONDS;
  kj::Duration loginLimit = 120 * kj::SECONDS;
};

// While it is alive it keeps one channel opened ahead, so that the next command takes one round trip instead of two,
// and so that what the server sends meanwhile (its own keepalives, its farewell) is read.
class Connection : public kj::Refcounted, private kj::TaskSet::ErrorHandler {
 public:
  // Gets to the server, within the allowance.
  using Connector = kj::Function<Task<Expected<Connected>>(Allowance& allowance, DialProgress& progress)>;

  // `progress` is written to until the task ends, and must live as long; so must `signer` and `judge`.
  static Task<Expected<kj::Own<Connection>>> dial(Loop loop, DialRequest request, Connector connect, Signer& signer,
                                                  HostKeyJudge& judge, DialProgress& progress);

  Connection(Loop loop, kj::Own<Session> session, std::string address, kj::Own<Carrier> carrier);
  ~Connection() noexcept(false);

  // A channel to use, at once if one is opened ahead. A connection of which nothing was heard for long has to
  // give a sign of life before. Fails with overloaded/poolFull when the server opens no more on this connection
  // (MaxSessions), with lost when it is dead, or does not answer in time and so dies. Counts as in use
  // until the server has closed it.
  Task<Expected<kj::Own<Channel>>> openChannel();
  // A channel to a port that the server connects to, `host` being a name or an address as the server sees it
  // (direct-tcpip). May take as long as the server has patience. Fails with unreachable/jumpRefused when it does not
  // connect, with lost when this connection is dead.
  Task<Expected<kj::Own<Channel>>> openTunnel(std::string host, uint16_t port);

  // Opens the next channel ahead, if none is. To be called when a command has been started, so that it is not slowed
  // down by it.
  void openAhead();

  // How many session channels the server allows, as far as is known: none is opened ahead beyond that.
  void limitChannels(unsigned limit) { channelLimit_ = limit; }

  // How long it may be silent, by a clock that goes on while the machine sleeps, before its life is doubted; and how
  // long the server may take to open a channel or to prove its life.
  void doubtAfter(kj::Duration silence, kj::Duration answerLimit) {
    doubtAfter_ = silence;
    answerLimit_ = answerLimit;
  }
  // For a connection that somebody waits on: after each `interval` of silence the server is asked for an answer; after
  // `mostUnanswered` that it has not given, the connection dies. To be called now and then.
  void checkAlive(kj::Duration interval, unsigned mostUnanswered);

  // Channels handed out that the server has not closed yet, by what they are for.
  unsigned sessionsInUse() const { return sessions_; }
  unsigned tunnelsInUse() const { return tunnels_; }
  unsigned channelsInUse() const { return sessions_ + tunnels_; }
  // Called after each change of channelsInUse() and at its death. Must not drop the connection: that is for a later
  // turn of the loop.
  void onChange(kj::Function<void()> callback) { onChange_ = kj::mv(callback); }

  // Called with how long the server took to open a session channel, in microseconds, for each that it has opened.
  void onOpened(kj::Function<void(uint64_t us)> callback) { onOpened_ = kj::mv(callback); }

  bool dead() const { return session_->dead(); }
  const std::string& deathReason() const { return session_->deathReason(); }
  uint64_t bytesIn() const { return session_->bytesIn(); }
  uint64_t bytesOut() const { return session_->bytesOut(); }
  // Numeric address and port; cipher towards the server; its identification string.
  const std::string& address() const { return address_; }
  std::string cipher() const;
  std::string serverVersion() const;

  // Ends it; what uses it gets errors.
  void close(std::string reason) { session_->kill(std::move(reason)); }
  // Hands memory back that an idle connection does not need.
  void trim() { session_->trim(); }

 private:
  using Waiter = kj::Own<kj::PromiseFulfiller<Expected<kj::Own<Channel>>>>;

  Task<Expected<void>> proveAlive();
  Task<Expected<kj::Own<Channel>>> waitForChannel();
  Task<ssize_t> askForAnswer();
  Task<void> openOne();
  void listenOn(LIBSSH2_CHANNEL* raw);
  void mourn();
  void openIfWanted();
  bool wantsChannel() const {
    bool ahead = aheadWanted_ && spare_ == nullptr && serverOpensMore_ && sessions_ < channelLimit_;
    return waiters_.size() > opening_ || (ahead && opening_ == 0);
  }
  void place(LIBSSH2_CHANNEL* raw);
  kj::Own<Channel> handOut(LIBSSH2_CHANNEL* raw);
  kj::Own<Channel> own(LIBSSH2_CHANNEL* raw, unsigned& count);
  void failWaiters(const Error& error);
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  kj::Own<Session> session_;
  std::string address_;
  kj::Own<Carrier> carrier_;
  unsigned sessions_ = 0;
  unsigned tunnels_ = 0;
  unsigned channelLimit_ = 10;  // OpenSSH's default for MaxSessions
  kj::Function<void()> onChange_ = []() {};
  kj::Function<void(uint64_t)> onOpened_ = [](uint64_t) {};

  kj::Duration doubtAfter_ = 60 * kj::SECONDS;
  kj::Duration answerLimit_ = 10 * kj::SECONDS;
  unsigned unanswered_ = 0;  // questions of checkAlive
  kj::TimePoint askedAt_;

  Turnstile openings_{1};  // libssh2 can send one request at a time
  std::list<Waiter> waiters_;
  LIBSSH2_CHANNEL* spare_ = nullptr;
  bool aheadWanted_ = true;
  bool serverOpensMore_ = true;  // false after a refusal, until a channel has been closed
  kj::TaskSet tasks_;
  kj::Own<void> listener_;  // while there is a spare
  unsigned opening_ = 0;    // channels that the server has been asked for
};

}  // namespace cbs::ssh
