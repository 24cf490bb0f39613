#include "agentd/ssh/connection.h"

#include "agentd/ssh/channel_opening.h"
#include "common/deadline.h"
#include "common/descriptors.h"

#include <algorithm>
#include <utility>

namespace cbs::ssh {
namespace {

// A connection needs one descriptor for long and some for moments: the resolver's, ssh-agent's, known_hosts'. More than
// it needs have to be there, so that the last ones are left to callers who want to know what is the matter.
constexpr unsigned kDescriptors = 16;

Error timedOut(Reason reason, const char* what) { return {ErrorKind::UNREACHABLE, reason, what}; }

// How long a carrier may take to say why it ended, once the connection has.
constexpr kj::Duration kCarrierGrace = 1 * kj::SECONDS;

// Its connection is not to be trusted any more; what was asked of it was not done.
Error noAnswer() { return {ErrorKind::LOST, Reason::CONNECTION_LOST, "the server does not answer any more"}; }

// What failed only for our own reasons, such as a refused host key, is not held against the address.
Error blame(AddressGate::Permit& permit, Error why) {
  if (why.kind == ErrorKind::UNREACHABLE) permit.failed(why);
  return why;
}

// Adds to `us` how long `work` takes.
template <typename T, typename Work>
Task<T> timedAs(Loop loop, uint64_t& us, Work work) {
  const kj::TimePoint start = loop.timer.now();
  auto result = co_await work;
  us += microsecondsSince(loop.timer, start);
  co_return kj::mv(result);
}
template <typename T>
Task<Expected<T>> timed(Loop loop, uint64_t& us, Task<Expected<T>> work) {
  return timedAs<Expected<T>>(loop, us, kj::mv(work));
}
template <typename T>
Task<Expected<T>> timed(Loop loop, uint64_t& us, kj::Promise<Expected<T>> work) {
  return timedAs<Expected<T>>(loop, us, kj::mv(work));
}

// The greeting and the key exchange, each in the time that `allowance` leaves.
Task<Expected<Trustworthiness>> agree(Loop loop, Session& session, const Algorithms& algorithms, HostKeyJudge& judge,
                                      Connected& connected, Allowance& allowance, DialProgress& progress) {
  const Error late = timedOut(Reason::HANDSHAKE_TIMED_OUT, "the server does not answer the SSH handshake");
  auto greeted = co_await timed(loop, progress.handshakeUs,
                                within(loop.timer, allowance.left(), late, greet(session, algorithms, judge)));
  if (!greeted) co_return fail(kj::mv(greeted.error()));
  co_await waitForExchange(loop, *connected.permit, allowance, progress);
  // Where the way leads through others, the address is not for us to judge by.
  std::string judged = connected.carrier.get() == nullptr ? connected.address : "";
  co_return co_await timed(loop, progress.handshakeUs,
                           within(loop.timer, allowance.left(), late, handshake(session, judge, kj::mv(judged))));
}

// A carrier that breaks down takes the session with it.
kj::Promise<void> follow(Carrier& carrier, Session& session) {
  return carrier.whenEnded()
      .then([&session](std::string reason) {
        if (!reason.empty()) session.kill(std::move(reason));
      })
      .eagerlyEvaluate(nullptr);
}

// What befell the carrier explains more than that the session broke off.
Task<Error> explain(Loop loop, Carrier* carrier, Session& session, Error error) {
  bool brokeOff = carrier != nullptr && error.kind == ErrorKind::UNREACHABLE && (session.peerGone() || session.dead());
  if (!brokeOff) co_return error;
  auto given = loop.timer.afterDelay(kCarrierGrace).then([]() { return std::string(); });
  auto reason = co_await carrier->whenEnded().exclusiveJoin(kj::mv(given));
  if (!reason.empty()) error = Error{ErrorKind::UNREACHABLE, Reason::CONNECTION_CLOSED, std::move(reason)};
  co_return error;
}

}  // namespace

Task<Expected<kj::Own<Connection>>> Connection::dial(Loop loop, DialRequest request, Connector connect, Signer& signer,
                                                     HostKeyJudge& judge, DialProgress& progress) {
  auto room = requireDescriptors(kDescriptors);
  if (!room) co_return fail(std::move(room.error()));
  Allowance allowance(loop.timer, request.connectLimit);
  auto connected = co_await timed(loop, progress.connectUs, connect(allowance, progress));
  progress.connectUs -= std::min(progress.connectUs, progress.waitUs + progress.resolveUs);
  if (!connected) co_return fail(connected.error());

  progress.phase = DialProgress::Phase::HANDSHAKE;
  auto session = kj::refcounted<Session>(loop, kj::mv(connected->socket));
  Carrier* carrier = connected->carrier.get();
  auto following = carrier == nullptr ? kj::Promise<void>(kj::NEVER_DONE) : follow(*carrier, *session);
  const std::string& address = connected->address;
  AddressGate::Permit& permit = *connected->permit;
  auto agreed = co_await agree(loop, *session, request.algorithms, judge, *connected, allowance, progress);
  if (!agreed) {
    auto why = co_await explain(loop, carrier, *session, std::move(agreed.error()));
    co_return fail(blame(permit, std::move(why).with("address", address)));
  }
  permit.agreed();
  if (agreed->publicKeyOnly)
    std::erase_if(request.methods.order, [](const auto& method) { return method != "publickey"; });

  progress.phase = DialProgress::Phase::AUTHENTICATE;
  auto accepted =
      co_await timed(loop, progress.authenticateUs,
                     within(loop.timer, request.loginLimit,
                            Error{ErrorKind::AUTH_REFUSED, Reason::AUTH_TIMED_OUT, "the login took too long"},
                            authenticate(*session, request.user, request.methods, signer)));
  if (!accepted) {
    auto why = co_await explain(loop, carrier, *session, std::move(accepted.error()));
    co_return fail(blame(permit, std::move(why).with("address", address)));
  }
  permit.loggedIn();
  progress.phase = DialProgress::Phase::DONE;
  co_return kj::refcounted<Connection>(loop, kj::mv(session), address, kj::mv(connected->carrier));
}

Connection::Connection(Loop loop, kj::Own<Session> session, std::string address, kj::Own<Carrier> carrier)
    : loop_(loop),
      session_(kj::mv(session)),
      address_(std::move(address)),
      carrier_(kj::mv(carrier)),
      askedAt_(loop.timer.now()),
      tasks_(*this) {
  session_->onDeath([this]() { mourn(); });
  if (carrier_.get() != nullptr) tasks_.add(follow(*carrier_, *session_));
  openIfWanted();
}

Connection::~Connection() noexcept(false) {
  session_->onDeath([]() {});
  session_->kill("the connection was closed");
  failWaiters({ErrorKind::LOST, Reason::CONNECTION_LOST, session_->deathReason()});
}

Task<Expected<kj::Own<Channel>>> Connection::openChannel() {
  if (!dead() && spare_ != nullptr && session_->silence() > doubtAfter_) {
    if (auto alive = co_await proveAlive(); !alive) co_return fail(alive.error());
  }
  if (dead()) co_return fail(ErrorKind::LOST, Reason::CONNECTION_LOST, deathReason());
  if (spare_ != nullptr) {
    aheadWanted_ = false;
    co_return handOut(std::exchange(spare_, nullptr));
  }
  auto channel = co_await within(loop_.timer, answerLimit_, noAnswer(), waitForChannel());
  if (!channel && channel.error() == noAnswer()) session_->kill(channel.error().detail);
  co_return kj::mv(channel);
}

Task<Expected<kj::Own<Channel>>> Connection::waitForChannel() {
  auto pair = kj::newPromiseAndFulfiller<Expected<kj::Own<Channel>>>();
  waiters_.push_back(kj::mv(pair.fulfiller));
  openIfWanted();
  co_return co_await pair.promise;
}

// Any byte is a sign of life: the answer to our question, or what the server had to say anyway.
Task<Expected<void>> Connection::proveAlive() {
  auto heard = session_->whenHeard();
  auto asked = askForAnswer();
  auto life = [](kj::Promise<void> heard) -> Task<Expected<void>> {
    co_await heard;
    co_return Expected<void>();
  };
  auto alive = co_await within(loop_.timer, answerLimit_, noAnswer(), life(kj::mv(heard)));
  if (!alive) session_->kill(alive.error().detail);
  co_return alive;
}

// libssh2 sends no question within two seconds of the last one.
Task<ssize_t> Connection::askForAnswer() {
  return session_->run([raw = session_->raw()]() -> ssize_t {
    int seconds = 0;
    libssh2_keepalive_config(raw, 1, 1);
    return libssh2_keepalive_send(raw, &seconds);
  });
}

void Connection::checkAlive(kj::Duration interval, unsigned mostUnanswered) {
  if (dead() || session_->hasUnreadInput() || session_->silence() < interval) {
    unanswered_ = 0;
    return;
  }
  if (unanswered_ > 0 && loop_.timer.now() - askedAt_ < interval) return;
  if (unanswered_ >= mostUnanswered) return session_->kill(noAnswer().detail);
  askedAt_ = loop_.timer.now();
  uint64_t before = bytesOut();
  tasks_.add(askForAnswer().promise().ignoreResult());
  if (bytesOut() != before) ++unanswered_;
}

void Connection::openAhead() {
  aheadWanted_ = true;
  openIfWanted();
}

void Connection::openIfWanted() {
  std::erase_if(waiters_, [](Waiter& waiter) { return !waiter->isWaiting(); });
  while (!dead() && wantsChannel()) {
    ++opening_;
    tasks_.add(openOne());
  }
}

// The replies come in the order of the requests, so a refusal is for those who wait last.
Task<void> Connection::openOne() {
  auto turn = co_await openings_.enter();
  auto opening = kj::refcounted<ChannelOpening>(session_->raw(), "session", "", kj::mv(turn));
  auto open = [opening = kj::addRef(*opening)]() mutable { return opening->step(); };
  const kj::TimePoint start = loop_.timer.now();
  ssize_t code = co_await session_->run(kj::mv(open), Session::WhenDropped::FINISH);
  --opening_;
  if (dead()) co_return;  // whose mourner tells the waiters
  if (code == 0) {
    onOpened_(microsecondsSince(loop_.timer, start));
    place(opening->channel());
    co_return openIfWanted();
  }
  serverOpensMore_ = false;
  Error refused{ErrorKind::OVERLOADED, Reason::POOL_FULL, opening->refusal()};
  for (; waiters_.size() > opening_; waiters_.pop_back()) waiters_.back()->fulfill(fail(refused));
}

// Gives a new channel to the first who still waits, or keeps it as the spare.
void Connection::place(LIBSSH2_CHANNEL* raw) {
  while (!waiters_.empty()) {
    Waiter waiter = kj::mv(waiters_.front());
    waiters_.pop_front();
    if (!waiter->isWaiting()) continue;
    waiter->fulfill(handOut(raw));
    return;
  }
  if (spare_ != nullptr) {
    own(raw, sessions_);  // which closes it
    return;
  }
  spare_ = raw;
  listenOn(raw);
}

kj::Own<Channel> Connection::handOut(LIBSSH2_CHANNEL* raw) {
  listener_ = nullptr;
  return own(raw, sessions_);
}

kj::Own<Channel> Connection::own(LIBSSH2_CHANNEL* raw, unsigned& count) {
  auto channel = kj::heap<Channel>(kj::addRef(*session_), raw);
  ++count;
  tasks_.add(channel->whenClosed().then([this, &count]() {
    --count;
    serverOpensMore_ = true;
    openAhead();
    onChange_();
  }));
  return channel;
}

Task<Expected<kj::Own<Channel>>> Connection::openTunnel(std::string host, uint16_t port) {
  if (!dead() && session_->silence() > doubtAfter_) {
    if (auto alive = co_await proveAlive(); !alive) co_return fail(alive.error());
  }
  auto turn = co_await openings_.enter();
  if (dead()) co_return fail(ErrorKind::LOST, Reason::CONNECTION_LOST, deathReason());

  auto opening =
      kj::refcounted<ChannelOpening>(session_->raw(), "direct-tcpip", tunnelMessage(host, port), kj::mv(turn));
  bool taken = false;
  KJ_DEFER({
    auto* left = taken ? nullptr : opening->abandon();
    if (left != nullptr && !session_->dead()) own(left, tunnels_);  // which closes it
  });
  auto open = [opening = kj::addRef(*opening)]() mutable { return opening->step(); };
  ssize_t code = co_await session_->run(kj::mv(open), Session::WhenDropped::FINISH);
  taken = true;
  if (code == 0) co_return own(opening->channel(), tunnels_);
  if (dead()) co_return fail(ErrorKind::LOST, Reason::CONNECTION_LOST, deathReason());
  co_return fail(ErrorKind::UNREACHABLE, Reason::JUMP_REFUSED, opening->refusal());
}

// Nothing is to be read on a channel without a command; but reading takes in what the server sends to the connection as
// a whole.
void Connection::listenOn(LIBSSH2_CHANNEL* raw) {
  auto read = [raw]() {
    char byte;
    return libssh2_channel_read_ex(raw, 0, &byte, sizeof(byte));
  };
  // The server has closed a channel that was not used yet: whatever its reason, this connection is not to be trusted.
  listener_ = session_->begin(kj::mv(read), [this](ssize_t code) {
    if (!dead() && code >= 0) session_->kill("the server closed an unused channel");
  });
}

void Connection::mourn() {
  failWaiters({ErrorKind::LOST, Reason::CONNECTION_LOST, deathReason()});
  onChange_();
}

void Connection::failWaiters(const Error& error) {
  for (Waiter& waiter : std::exchange(waiters_, {})) waiter->fulfill(fail(error));
}

void Connection::taskFailed(kj::Exception&& exception) { session_->kill(exception.getDescription().cStr()); }

std::string Connection::cipher() const {
  const char* name = libssh2_session_methods(session_->raw(), LIBSSH2_METHOD_CRYPT_CS);
  return name == nullptr ? "" : name;
}

std::string Connection::serverVersion() const {
  const char* banner = libssh2_session_banner_get(session_->raw());
  return banner == nullptr ? "" : banner;
}

}  // namespace cbs::ssh
