#include "tests/support/delaying_proxy.h"

#include "tests/support/failure.h"
#include "tests/support/ports.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <list>
#include <vector>

namespace cbs::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostUnderWay = 64 << 20;  // enough for 640 MB/s over 100 ms
constexpr size_t kReadSize = 256 << 10;

void makeQuick(int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
}

// One direction of one connection.
class Lane {
 public:
  Lane(int from, int to, Clock::duration delay) : from_(from), to_(to), delay_(delay) {}

  bool wantsInput() const { return !ended_ && underWay_ < kMostUnderWay; }
  bool wantsOutput(Clock::time_point now) const { return !chunks_.empty() && chunks_.front().due <= now; }
  bool finished() const { return ended_ && chunks_.empty(); }
  Clock::time_point nextDue() const { return chunks_.empty() ? Clock::time_point::max() : chunks_.front().due; }

  void read(std::vector<char>& buffer) {
    ssize_t size = recv(from_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    ended_ = size <= 0;  // a connection that is reset ends here as well
    chunks_.push_back({Clock::now() + delay_, std::string(buffer.data(), ended_ ? 0 : static_cast<size_t>(size))});
    underWay_ += chunks_.back().bytes.size();
  }

  void write(Clock::time_point now) {
    while (wantsOutput(now)) {
      Chunk& chunk = chunks_.front();
      if (!sendOff(chunk)) return;
      underWay_ -= chunk.bytes.size();
      chunks_.pop_front();
    }
  }

 private:
  struct Chunk {
    Clock::time_point due;
    std::string bytes;  // empty: the end
    size_t sent = 0;
  };

  // True when the chunk has left as a whole. What cannot be delivered is dropped, and so is what follows.
  bool sendOff(Chunk& chunk) {
    if (chunk.bytes.empty()) shutdown(to_, SHUT_WR);
    while (chunk.sent < chunk.bytes.size()) {
      ssize_t size = send(to_, chunk.bytes.data() + chunk.sent, chunk.bytes.size() - chunk.sent, MSG_NOSIGNAL);
      if (size < 0 && errno == EAGAIN) return false;
      if (size < 0) {
        shutdown(from_, SHUT_RD);
        return true;
      }
      chunk.sent += static_cast<size_t>(size);
    }
    return true;
  }

  int from_;
  int to_;
  Clock::duration delay_;
  std::deque<Chunk> chunks_;
  size_t underWay_ = 0;
  bool ended_ = false;
};

// One connection: what the client sends, what the server sends.
struct Way {
  Way(UniqueFd near, UniqueFd far, Clock::duration delay)
      : client(std::move(near)),
        server(std::move(far)),
        there(client.get(), server.get(), delay),
        back(server.get(), client.get(), delay) {}
  bool finished() const { return there.finished() && back.finished(); }

  UniqueFd client;
  UniqueFd server;
  Lane there;
  Lane back;
};

// The thread's work.
class Relay {
 public:
  Relay(int listener, int stop, std::string address, uint16_t port, Clock::duration delay)
      : listener_(listener), stop_(stop), address_(std::move(address)), port_(port), delay_(delay) {}

  void run() {
    for (;;) {
      std::vector<pollfd> entries = waitForEvents();
      if (entries[0].revents != 0) return;
      serve(entries);
      if (entries[1].revents != 0) accept();
      ways_.remove_if([](const std::unique_ptr<Way>& way) { return way->finished(); });
    }
  }

 private:
  static short eventsOf(const Lane& in, const Lane& out, Clock::time_point now) {
    return static_cast<short>((in.wantsInput() ? POLLIN : 0) | (out.wantsOutput(now) ? POLLOUT : 0));
  }

  // Without events a descriptor is left out, as poll would report its hang-up again and again.
  static pollfd entryFor(int fd, short events) { return {events != 0 ? fd : -1, events, 0}; }

  std::vector<pollfd> waitForEvents() const {
    auto now = Clock::now();
    auto due = Clock::time_point::max();
    std::vector<pollfd> entries{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& way : ways_) {
      entries.push_back(entryFor(way->client.get(), eventsOf(way->there, way->back, now)));
      entries.push_back(entryFor(way->server.get(), eventsOf(way->back, way->there, now)));
      // What is due already waits for room in the socket, not for the time.
      for (const Lane* lane : {&way->there, &way->back}) {
        if (!lane->wantsOutput(now)) due = std::min(due, lane->nextDue());
      }
    }
    auto wait = std::chrono::nanoseconds(due - now).count();
    timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    ppoll(entries.data(), entries.size(), due == Clock::time_point::max() ? nullptr : &timeout, nullptr);
    return entries;
  }

  void serve(const std::vector<pollfd>& entries) {
    auto now = Clock::now();
    auto entry = entries.begin() + 2;
    for (auto& way : ways_) {
      if ((entry++)->revents & (POLLIN | POLLHUP | POLLERR) && way->there.wantsInput()) way->there.read(buffer_);
      if ((entry++)->revents & (POLLIN | POLLHUP | POLLERR) && way->back.wantsInput()) way->back.read(buffer_);
      way->there.write(now);
      way->back.write(now);
    }
  }

  void accept() {
    UniqueFd client(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.open()) return;
    try {
      UniqueFd server = connectTo(address_, port_, milliseconds(0));
      makeQuick(client.get());
      makeQuick(server.get());
      ways_.push_back(std::make_unique<Way>(std::move(client), std::move(server), delay_));
    } catch (const std::runtime_error&) {
      // The server is down: the client sees its connection end.
    }
  }

  int listener_;
  int stop_;
  std::string address_;
  uint16_t port_;
  Clock::duration delay_;
  std::list<std::unique_ptr<Way>> ways_;
  std::vector<char> buffer_ = std::vector<char>(kReadSize);
};

}  // namespace

DelayingProxy::DelayingProxy(const std::string& address, uint16_t port, std::chrono::microseconds delay)
    : listener_(boundSocket(SOMAXCONN)), stop_(eventfd(0, EFD_CLOEXEC)) {
  if (!stop_.open()) failErrno("eventfd");
  thread_ = std::thread([relay = Relay(listener_.get(), stop_.get(), address, port, delay)]() mutable { relay.run(); });
}

DelayingProxy::~DelayingProxy() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

uint16_t DelayingProxy::port() const { return portOf(listener_.get()); }

}  // namespace cbs::test
