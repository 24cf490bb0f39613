#include "agentd/ssh/transport.h"

#include "common/deadline.h"
#include "common/descriptors.h"
#include "common/offload.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace cbs::ssh {
namespace {

using Addresses = std::vector<Address>;

Expected<Addresses> lookUp(const TransportOptions& options, int flags) {
  addrinfo hints{};
  hints.ai_family = options.family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  int code = getaddrinfo(options.hostName.c_str(), std::to_string(options.port).c_str(), &hints, &list);
  if (code != 0) {
    return fail(ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND,
                code == EAI_SYSTEM ? systemMessage(errno) : gai_strerror(code));
  }
  Addresses addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Address address{{}, each->ai_addrlen};
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

void setOption(int socket, int level, int name, int value) {
  // A socket without one of these still works, only less well.
  setsockopt(socket, level, name, &value, sizeof(value));
}

void tune(int socket) {
  setOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  setOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  setOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  setOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  setOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  setOption(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

Reason reasonOf(int errorNumber) {
  switch (errorNumber) {
    case ECONNREFUSED:
      return Reason::CONNECTION_REFUSED;
    case ETIMEDOUT:
      return Reason::CONNECT_TIMED_OUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EACCES:
    case EPERM:
      return Reason::NETWORK_UNREACHABLE;
    default:
      return Reason::UNSPECIFIED;
  }
}

Error connectError(const Address& address, int errorNumber) {
  bool ours = isShortage(errorNumber);
  auto kind = ours ? ErrorKind::OVERLOADED : ErrorKind::UNREACHABLE;
  auto reason = ours ? Reason::DESCRIPTOR_LIMIT : reasonOf(errorNumber);
  return Error{kind, reason, systemMessage(errorNumber)}.with("address", address.text());
}

Expected<void> bindTo(int socket, const std::string& bindAddress, int family) {
  if (bindAddress.empty()) return {};
  TransportOptions options{bindAddress, 0, family, {}};
  auto addresses = lookUp(options, AI_NUMERICHOST);
  if (!addresses)
    return fail(ErrorKind::USAGE, Reason::BAD_CONFIG, "BindAddress is not a numeric address: " + bindAddress);
  const Address& local = addresses->front();
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&local.storage), local.length) != 0) {
    return fail(ErrorKind::UNREACHABLE, Reason::NETWORK_UNREACHABLE,
                "cannot bind to " + bindAddress + ": " + systemMessage(errno));
  }
  return {};
}

Task<Expected<kj::AutoCloseFd>> connectOne(Loop loop, Address address, std::string bindAddress) {
  int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return fail(connectError(address, errno));
  kj::AutoCloseFd socket(descriptor);
  if (auto bound = bindTo(socket, bindAddress, address.family()); !bound) co_return fail(bound.error());
  tune(socket);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
    if (errno != EINPROGRESS) co_return fail(connectError(address, errno));
    kj::UnixEventPort::FdObserver observer(loop.port, socket, kj::UnixEventPort::FdObserver::OBSERVE_WRITE);
    co_await observer.whenBecomesWritable();
  }
  int failure = 0;
  socklen_t length = sizeof(failure);
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length);
  if (failure != 0) co_return fail(connectError(address, failure));
  co_return kj::mv(socket);
}

}  // namespace

std::string Address::text() const {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  return family() == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

Task<Expected<Addresses>> resolve(Loop loop, TransportOptions options, kj::Promise<Turnstile::Pass> turn) {
  if (auto numeric = lookUp(options, AI_NUMERICHOST)) co_return numeric;
  auto pass = co_await turn;
  auto work = [options]() { return lookUp(options, AI_ADDRCONFIG); };
  auto answer = offloadFor<Expected<Addresses>>(loop, kj::mv(work)).promise().fork();
  answer.addBranch().ignoreResult().attach(kj::mv(pass)).detach([](kj::Exception&&) {});
  co_return co_await answer.addBranch();
}

Task<Expected<kj::Own<AddressGate::Permit>>> waitAtGate(Loop loop, AddressGate& gate, std::string address,
                                                        Allowance& allowance, DialProgress& progress) {
  Allowance::Pause pause(allowance);
  const kj::TimePoint start = loop.timer.now();
  progress.phase = DialProgress::Phase::WAIT;
  auto permit = co_await gate.enter(std::move(address));
  progress.phase = DialProgress::Phase::CONNECT;
  progress.waitUs += microsecondsSince(loop.timer, start);
  co_return kj::mv(permit);
}

Task<void> waitForExchange(Loop loop, AddressGate::Permit& permit, Allowance& allowance, DialProgress& progress) {
  Allowance::Pause pause(allowance);
  const kj::TimePoint start = loop.timer.now();
  const auto phase = std::exchange(progress.phase, DialProgress::Phase::WAIT);
  co_await permit.mayExchange();
  progress.phase = phase;
  progress.waitUs += microsecondsSince(loop.timer, start);
}

namespace {

Task<Expected<Connected>> connectToOneOf(Loop loop, TransportOptions options, Addresses addresses, Allowance& allowance,
                                         AddressGate& gate, DialProgress& progress) {
  std::optional<Error> last;
  for (size_t i = 0; i < addresses.size(); ++i) {
    auto permit = co_await waitAtGate(loop, gate, addresses[i].text(), allowance, progress);
    if (!permit) {
      if (!last) last = kj::mv(permit.error());
      continue;
    }
    kj::Duration share = allowance.left() / static_cast<uint>(addresses.size() - i);
    Error late =
        Error{ErrorKind::UNREACHABLE, Reason::CONNECT_TIMED_OUT, "no answer"}.with("address", addresses[i].text());
    auto socket = co_await within(loop.timer, share, kj::mv(late), connectOne(loop, addresses[i], options.bindAddress));
    if (socket) co_return Connected{kj::mv(*socket), addresses[i].text(), kj::mv(*permit)};
    (*permit)->failed(socket.error());
    last = kj::mv(socket.error());
    if (last->kind == ErrorKind::OVERLOADED) break;
  }
  co_return fail(last.value_or(Error{ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND, "the name has no address"}));
}

}  // namespace

Task<Expected<Connected>> connectTo(Loop loop, TransportOptions options, Allowance& allowance, AddressGate& gate,
                                    DialProgress& progress) {
  const kj::TimePoint start = loop.timer.now();
  Error late{ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND, "the resolver did not answer in time"};
  auto addresses =
      co_await within(loop.timer, allowance.left(), kj::mv(late), resolve(loop, options, gate.mayLookUp()));
  progress.resolveUs = microsecondsSince(loop.timer, start);
  if (!addresses) co_return fail(addresses.error());
  co_return co_await connectToOneOf(loop, kj::mv(options), kj::mv(*addresses), allowance, gate, progress);
}

}  // namespace cbs::ssh
