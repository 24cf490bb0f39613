#include "agentd/ssh/session.h"

#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

namespace cbs::ssh {
namespace {

// After these libssh2 cannot go on with the session.
bool isFatal(ssize_t code) {
  switch (code) {
    case LIBSSH2_ERROR_SOCKET_NONE:
    case LIBSSH2_ERROR_BANNER_RECV:
    case LIBSSH2_ERROR_BANNER_SEND:
    case LIBSSH2_ERROR_INVALID_MAC:
    case LIBSSH2_ERROR_KEX_FAILURE:
    case LIBSSH2_ERROR_ALLOC:
    case LIBSSH2_ERROR_SOCKET_SEND:
    case LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE:
    case LIBSSH2_ERROR_DECRYPT:
    case LIBSSH2_ERROR_SOCKET_DISCONNECT:
    case LIBSSH2_ERROR_PROTO:
    case LIBSSH2_ERROR_ENCRYPT:
    case LIBSSH2_ERROR_BAD_SOCKET:
    case LIBSSH2_ERROR_SOCKET_RECV:
    case LIBSSH2_ERROR_BAD_USE:
      return true;
    default:
      return false;
  }
}

void initializeLibrary() {
  static const int code = libssh2_init(0);
  KJ_REQUIRE(code == 0, "libssh2 could not be initialised", code);
}

}  // namespace

// A call that is being repeated. Its caller and the session share it, as either may go first.
struct Session::Operation : kj::Refcounted {
  Operation(Call call, WhenDropped whenDropped) : call(kj::mv(call)), whenDropped(whenDropped) {}

  Call call;
  WhenDropped whenDropped;
  bool sent = false;
  bool settled = false;
  ssize_t result = LIBSSH2_ERROR_EAGAIN;
  kj::Own<kj::PromiseFulfiller<void>> done;
  kj::Maybe<kj::Function<void(ssize_t)>> onSettled;
};

// The caller's hold on a waiting operation.
class Session::Place {
 public:
  Place(Session& session, Operation& operation) : session_(kj::addRef(session)), operation_(kj::addRef(operation)) {
    session.waiting_.push_back(kj::addRef(operation));
  }
  ~Place() {
    if (!operation_->settled) session_->leave(*operation_);
  }

 private:
  kj::Own<Session> session_;
  kj::Own<Operation> operation_;
};

Session::Session(Loop loop, kj::AutoCloseFd socket)
    : socket_(kj::mv(socket)),
      timer_(loop.timer),
      observer_(loop.port, socket_, kj::UnixEventPort::FdObserver::OBSERVE_READ_WRITE) {
  initializeLibrary();
  session_ = libssh2_session_init_ex(
      [](size_t size, void** abstract) { return of(abstract).heap_.allocate(size); },
      [](void* block, void** abstract) { of(abstract).heap_.release(block); },
      [](void* block, size_t size, void** abstract) { return of(abstract).heap_.resize(block, size); }, this);
  KJ_REQUIRE(session_ != nullptr, "no memory for an SSH session");
  libssh2_session_set_blocking(session_, 0);
  libssh2_session_callback_set2(session_, LIBSSH2_CALLBACK_RECV, reinterpret_cast<libssh2_cb_generic*>(&receive));
  libssh2_session_callback_set2(session_, LIBSSH2_CALLBACK_SEND, reinterpret_cast<libssh2_cb_generic*>(&send));
  tasks_.add(watchReadable());
}

Session::~Session() noexcept(false) {
  shutdown(socket_, SHUT_RDWR);  // so that libssh2 cannot say EAGAIN while it cleans up
  while (libssh2_session_free(session_) == LIBSSH2_ERROR_EAGAIN) {
  }
}

ssize_t Session::receive(libssh2_socket_t socket, void* buffer, size_t length, int flags, void** abstract) {
  Session& session = of(abstract);
  if (session.bytesIn_ >= session.inputLimit_) return -EPROTO;
  ssize_t n = ::recv(socket, buffer, length, flags);
  int failure = n < 0 ? errno : 0;
  if (n == 0 || (n < 0 && failure != EAGAIN && failure != EINTR)) session.peerGone_ = true;
  if (n < 0) return -failure;
  session.bytesIn_ += static_cast<uint64_t>(n);
  session.heardAt_ = bootTime();
  session.hear();
  return n;
}

ssize_t Session::send(libssh2_socket_t socket, const void* buffer, size_t length, int flags, void** abstract) {
  ssize_t n = ::send(socket, buffer, length, flags | MSG_NOSIGNAL);
  if (n < 0) return -errno;
  of(abstract).bytesOut_ += static_cast<uint64_t>(n);
  return n;
}

kj::Promise<void> Session::whenHeard() {
  auto pair = kj::newPromiseAndFulfiller<void>();
  hearing_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void Session::hear() {
  for (auto& waiter : std::exchange(hearing_, {})) waiter->fulfill();
}

bool Session::hasUnreadInput() const {
  int unread = 0;
  return ioctl(socket_, FIONREAD, &unread) == 0 && unread > 0;
}

Task<ssize_t> Session::run(Call call, WhenDropped whenDropped, bool* sent) {
  auto operation = kj::refcounted<Operation>(kj::mv(call), whenDropped);
  uint64_t received = bytesIn_;
  bool blocked = sender_ != nullptr;
  if (!attempt(*operation)) {
    auto pair = kj::newPromiseAndFulfiller<void>();
    operation->done = kj::mv(pair.fulfiller);
    Place place(*this, *operation);
    if (bytesIn_ != received) requestRound();
    co_await pair.promise;
  } else if (bytesIn_ != received || blocked) {
    requestRound();
  }
  if (sent != nullptr) *sent = operation->sent;
  co_return operation->result;
}

void Session::finish(Call call, kj::Own<kj::PromiseFulfiller<void>> done) {
  auto operation = kj::refcounted<Operation>(kj::mv(call), WhenDropped::FINISH);
  operation->done = kj::mv(done);
  waiting_.push_back(kj::mv(operation));
  attemptAll();
}

kj::Own<void> Session::begin(Call call, kj::Function<void(ssize_t)> settled) {
  auto operation = kj::refcounted<Operation>(kj::mv(call), WhenDropped::FORGET);
  operation->onSettled = kj::mv(settled);
  auto place = kj::heap<Place>(*this, *operation);
  requestRound();
  return place;
}

// Gives whether the operation is settled.
bool Session::attempt(Operation& operation) {
  if (dead()) {
    settle(operation, deathCode_);
    return true;
  }
  if (sender_ != nullptr && sender_ != &operation) return false;
  ssize_t result = operation.call();
  if (result == LIBSSH2_ERROR_EAGAIN) {
    bool sending = (libssh2_session_block_directions(session_) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
    sender_ = sending ? &operation : nullptr;
    if (sending) {
      awaitWritable();
    } else {
      operation.sent = true;
    }
    return false;
  }
  sender_ = nullptr;
  operation.sent = true;
  if (isFatal(result)) die(result, lastMessage());
  settle(operation, result);
  return true;
}

void Session::settle(Operation& operation, ssize_t result) {
  operation.settled = true;
  operation.result = result;
  if (operation.done.get() != nullptr) operation.done->fulfill();
  KJ_IF_MAYBE (callback, operation.onSettled) {
    (*callback)(result);
  }
}

// Tries every operation until nothing moves any more.
void Session::attemptAll() {
  while (!waiting_.empty() && attemptEachOnce()) {
  }
}

// Gives whether another round is worth it: bytes have come in, or the way is free for those that a sender kept from
// running.
bool Session::attemptEachOnce() {
  uint64_t received = bytesIn_;
  bool blocked = sender_ != nullptr;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    // What the operation does may add others at the end of the list, but removes none.
    if ((*it)->settled || attempt(**it)) {
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
  return bytesIn_ != received || (blocked && sender_ == nullptr);
}

// The caller no longer waits.
void Session::leave(Operation& operation) {
  bool carryOn = !dead() && (operation.whenDropped == WhenDropped::FINISH || sender_ == &operation);
  if (carryOn) return;
  waiting_.remove_if([&](const kj::Own<Operation>& each) { return each.get() == &operation; });
}

void Session::die(ssize_t code, std::string reason) {
  if (dead()) return;
  deathCode_ = code;
  deathReason_ = std::move(reason);
  sender_ = nullptr;
  shutdown(socket_, SHUT_RDWR);
  hear();
  onDeath_();
  requestRound();  // which tells everybody
}

void Session::kill(std::string reason) { die(LIBSSH2_ERROR_SOCKET_DISCONNECT, std::move(reason)); }

std::string Session::lastMessage() {
  char* message = nullptr;
  int length = 0;
  libssh2_session_last_error(session_, &message, &length, 0);
  return message == nullptr ? std::string() : std::string(message, static_cast<size_t>(length));
}

void Session::trim() {
#ifdef LIBSSH2_HAS_SESSION_UNUSED
  if (void* buffers = libssh2_session_unused(session_)) heap_.returnFrom(session_, buffers);
#endif
}

kj::Promise<void> Session::watchReadable() {
  return observer_.whenBecomesReadable().then([this]() {
    attemptAll();
    return watchReadable();
  });
}

// Readiness is told once per change, so it is asked for when a send has not gone through, and then only.
void Session::awaitWritable() {
  if (std::exchange(awaitsWritable_, true)) return;
  tasks_.add(observer_.whenBecomesWritable().then([this]() {
    awaitsWritable_ = false;
    if (sender_ != nullptr) attemptAll();
  }));
}

void Session::requestRound() {
  if (std::exchange(roundRequested_, true)) return;
  tasks_.add(kj::evalLater([this]() {
    roundRequested_ = false;
    attemptAll();
  }));
}

void Session::taskFailed(kj::Exception&& exception) { kill(exception.getDescription().cStr()); }

}  // namespace cbs::ssh
