// One LIBSSH2_SESSION on one socket, driven by the event loop.
//
// libssh2 keeps its state in the session, not in the call: a call that says EAGAIN must be repeated with the same
// arguments until it ends, and one whose packet was sent in part must end before any other call sends. So a call is an
// operation that belongs to the session: it is tried at once, then whenever the socket is ready or another operation
// has read from it (a read fetches packets for every channel, and readiness is edge-triggered), and one that must not
// be given up is carried on after its caller has gone.
#pragma once

#include "agentd/ssh/heap.h"
#include "common/boot_clock.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/function.h>
#include <kj/io.h>
#include <kj/refcount.h>

#include <libssh2.h>

#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace cbs::ssh {

class Session : public kj::Refcounted, private kj::TaskSet::ErrorHandler {
 public:
  // What becomes of an operation whose caller no longer waits.
  enum class WhenDropped {
    FORGET,  // given up, unless it has sent a part of a packet
    FINISH,  // carried on: libssh2 could not start another one of its kind
  };
  using Call = kj::Function<ssize_t()>;

  // Takes a connected socket. Throws if libssh2 has no memory.
  Session(Loop loop, kj::AutoCloseFd socket);
  // Shuts the socket down; nobody is told in order.
  ~Session() noexcept(false);

  // Repeats `call` until it says something other than LIBSSH2_ERROR_EAGAIN, and gives that. `call` owns what it uses,
  // or uses what lives as long as the session. After the session's death it gives the error that the session died of.
  // `sent`, if given, becomes true once what the call sends may have left this machine as a whole.
  Task<ssize_t> run(Call call, WhenDropped whenDropped = WhenDropped::FORGET, bool* sent = nullptr);

  // The same for a call that nobody waits for: the session carries it to its end, or to its own, and then fulfills
  // `done`.
  void finish(Call call, kj::Own<kj::PromiseFulfiller<void>> done);

  // The same for a call that goes on beside others: `settled` gets what it says in the end. Dropping the result gives
  // the call up.
  kj::Own<void> begin(Call call, kj::Function<void(ssize_t)> settled);

  LIBSSH2_SESSION* raw() const { return session_; }
  kj::Timer& timer() const { return timer_; }
  int socket() const { return socket_; }

  // The session dies when the connection is lost, or when libssh2 says that it cannot go on.
  bool dead() const { return deathCode_ != 0; }
  // Called at its death, in the midst of whatever has found it out: it may take note, and drop nothing.
  void onDeath(kj::Function<void()> callback) { onDeath_ = kj::mv(callback); }
  // Ends it for a reason of the caller's own.
  void kill(std::string reason);
  // What it died of, in words.
  const std::string& deathReason() const { return deathReason_; }

  // libssh2's words for its last failure.
  std::string lastMessage();

  // The peer has closed the connection, or it broke; libssh2 may not have noticed yet.
  bool peerGone() const { return peerGone_; }

  // How long nothing has come from the peer, the machine's sleep included.
  kj::Duration silence() const { return bootTime() - heardAt_; }
  // Resolves when the next byte comes, or at its death.
  kj::Promise<void> whenHeard();
  // Bytes have come that nobody has asked for yet: the silence is ours.
  bool hasUnreadInput() const;

  uint64_t bytesIn() const { return bytesIn_; }
  uint64_t bytesOut() const { return bytesOut_; }

  // At most this many more bytes are accepted; what comes after them is a failure. For the time before the server has
  // proved anything.
  void limitInput(uint64_t bytes) { inputLimit_ = bytesIn_ + bytes; }
  void unlimitInput() { inputLimit_ = UINT64_MAX; }

  // Hands memory back that an idle session does not need.
  void trim();

  // For callbacks of libssh2's that are given nothing but the session.
  void setCallbackContext(void* context) { callbackContext_ = context; }
  void* callbackContext() const { return callbackContext_; }

  // What libssh2 allocates for this session, and frees.
  SessionHeap& heap() { return heap_; }

 private:
  struct Operation;
  class Place;
  using Operations = std::list<kj::Own<Operation>>;

  bool attempt(Operation& operation);
  void attemptAll();
  bool attemptEachOnce();
  void settle(Operation& operation, ssize_t result);
  void leave(Operation& operation);
  void die(ssize_t code, std::string reason);

  kj::Promise<void> watchReadable();
  void awaitWritable();
  void requestRound();
  void hear();
  void taskFailed(kj::Exception&& exception) override;

  static Session& of(void** abstract) { return *static_cast<Session*>(*abstract); }
  static ssize_t receive(libssh2_socket_t socket, void* buffer, size_t length, int flags, void** abstract);
  static ssize_t send(libssh2_socket_t socket, const void* buffer, size_t length, int flags, void** abstract);

  kj::AutoCloseFd socket_;
  kj::Timer& timer_;
  kj::UnixEventPort::FdObserver observer_;
  SessionHeap heap_;
  LIBSSH2_SESSION* session_;

  void* callbackContext_ = nullptr;
  Operations waiting_;
  Operation* sender_ = nullptr;  // has sent a part of a packet: no other may run
  bool roundRequested_ = false;
  bool awaitsWritable_ = false;

  uint64_t bytesIn_ = 0;
  uint64_t bytesOut_ = 0;
  uint64_t inputLimit_ = UINT64_MAX;
  bool peerGone_ = false;
  kj::TimePoint heardAt_ = bootTime();
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> hearing_;  // who waits for the next byte

  ssize_t deathCode_ = 0;
  std::string deathReason_;
  kj::Function<void()> onDeath_ = []() {};

  kj::TaskSet tasks_{*this};
};

}  // namespace cbs::ssh
