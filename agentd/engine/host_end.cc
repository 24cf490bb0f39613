#include "agentd/engine/host_end.h"

#include "agentd/engine/host_access.h"
#include "agentd/engine/transfer_codec.h"
#include "common/deadline.h"

namespace cbs::engine {
namespace {

// More than a command line holds.
constexpr unsigned kMostPaths = 100'000;

class HeldLease final : public transfer::Channels::Held {
 public:
  explicit HeldLease(pool::Lease lease) : lease_(kj::mv(lease)) {}
  ssh::Channel& channel() override { return *lease_.channel; }

 private:
  pool::Lease lease_;
};

}  // namespace

Expected<HostPlace> decode(schema::Place::Reader place, std::string id) {
  auto paths = place.getPaths();
  if (paths.size() == 0 || paths.size() > kMostPaths)
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, std::to_string(paths.size()) + " paths");
  HostPlace decoded;
  for (auto path : paths) {
    decoded.paths.push_back(bytesOf(path));
    if (decoded.paths.back().find('\0') != std::string::npos)
      return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "a path with a zero byte in it");
  }
  decoded.access = hostAccessOf(place, std::move(id));
  return decoded;
}

HostEnd::HostEnd(Loop loop, pool::Pool& pool, HostPlace place, unsigned streams)
    : loop_(loop), pool_(pool), place_(kj::mv(place)), streams_(loop, *this, streams) {}

Task<Expected<void>> HostEnd::start() {
  const kj::TimePoint start = loop_.timer.now();
  auto started = co_await streams_.start();
  times_.openUs = microsecondsSince(loop_.timer, start) - times_.poolUs;
  co_return started;
}

Task<Expected<kj::Own<HostEnd::Held>>> HostEnd::borrow(pool::Use use) {
  const kj::TimePoint start = loop_.timer.now();
  auto lease = co_await pool_.borrow(place_.access, use);
  if (!connected_) times_.poolUs += microsecondsSince(loop_.timer, start);
  if (!lease) co_return fail(lease.error());
  if (!connected_) times_.dial = lease->dial;
  connected_ = true;
  lease->started();
  co_return kj::Own<Held>(kj::heap<HeldLease>(kj::mv(*lease)));
}

}  // namespace cbs::engine
