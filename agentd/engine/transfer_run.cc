#include "agentd/engine/transfer_run.h"

#include "agentd/engine/caller_sink.h"
#include "agentd/engine/caller_source.h"
#include "agentd/engine/transfer_codec.h"
#include "agentd/transfer/named_ends.h"
#include "agentd/transfer/remote_sink.h"
#include "agentd/transfer/remote_source.h"
#include "common/deadline.h"

#include <kj/debug.h>

namespace cbs::engine {
namespace {

// What is half done is not worth a longer wait; the engine's own end (EngineServer::drain) allows for it.
constexpr kj::Duration kCleanUp = 3 * kj::SECONDS;

tl::unexpected<Error> malformed(const char* detail) { return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, detail); }

// The source or the destination of an order.
template <typename Client, typename Side>
Expected<std::variant<Client, HostPlace>> decodeSide(Side side, const char* id) {
  if (!side.isHost()) {
    if (!side.hasCaller()) return malformed("files of nobody's");
    return side.getCaller();
  }
  auto place = decode(side.getHost(), id);
  if (!place) return fail(place.error());
  return kj::mv(*place);
}

// What fails here cannot be mended.
Task<Expected<void>> leave(transfer::Mover& mover) {
  try {
    co_await mover.leave();
  } catch (const kj::Exception& exception) {
    KJ_LOG(INFO, "a transfer could not be given up; ignoring it", exception);
  }
  co_return {};
}

}  // namespace

Expected<TransferPlan> decode(schema::TransferOrder::Reader order) {
  auto from = decodeSide<schema::FileSource::Client>(order.getFrom(), order.getId().cStr());
  if (!from) return fail(from.error());
  auto to = decodeSide<schema::FileSink::Client>(order.getTo(), order.getId().cStr());
  if (!to) return fail(to.error());
  auto* destination = std::get_if<HostPlace>(&*to);
  if (destination == nullptr && !std::holds_alternative<HostPlace>(*from))
    return malformed("both sides are the caller's");
  if (destination != nullptr && destination->paths.size() != 1) return malformed("not one destination");
  auto options = decode(order.getOptions());
  if (!options) return fail(options.error());
  return TransferPlan{kj::mv(*from), kj::mv(*to), kj::mv(*options)};
}

TransferRun::TransferRun(TransferCommons& commons, TransferPlan plan, schema::TransferObserver::Client observer)
    : commons_(commons),
      plan_(kj::mv(plan)),
      observer_(observer),
      events_(commons.loop, plan_.options, kj::mv(observer)) {}

// The hosts' channels are given back before the caller is told, who may take its time.
Task<void> TransferRun::run() {
  co_await untilStopped(move());
  if (error() && mover_) co_await leaveParts();
  count();
  auto result = observer_.finishedRequest();
  encodeResult(result.initResult());
  release();
  try {
    co_await events_.flush();
    co_await result.send();
  } catch (const kj::Exception&) {
    // The caller has gone; what it wanted to know has no reader.
  }
}

Task<Expected<void>> TransferRun::move() {
  auto connected = co_await connect();
  if (!connected) co_return connected;
  makeEnds();
  mover_.emplace(commons_.loop, *source_, *sink_, plan_.options, commons_.budget, events_);
  const kj::TimePoint start = commons_.loop.timer.now();
  KJ_DEFER(times_.runUs = microsecondsSince(commons_.loop.timer, start));
  auto teller = tellCaller();
  co_return co_await mover_->run();
}

Task<Expected<void>> TransferRun::connect() {
  const unsigned streams = plan_.options.streams;
  auto place = [](auto& end) { return std::get_if<HostPlace>(&end); };
  if (auto* from = place(plan_.from)) fromHost_.emplace(commons_.loop, commons_.pool, kj::mv(*from), streams);
  if (auto* to = place(plan_.to)) toHost_.emplace(commons_.loop, commons_.pool, kj::mv(*to), streams);
  for (auto* end : {&fromHost_, &toHost_}) {
    if (*end) (*end)->streams().giveWayTo(commons_.commands);
  }
  std::optional<Task<Expected<void>>> starting[2];
  if (fromHost_) starting[0].emplace(fromHost_->start());
  if (toHost_) starting[1].emplace(toHost_->start());
  for (auto* end : {&fromHost_, &toHost_}) {
    auto& start = starting[end == &toHost_ ? 1 : 0];
    if (!start) continue;
    auto started = co_await *start;
    times_ = (*end)->times();
    if (started) continue;
    if (fromHost_ && toHost_) started.error().facts.push_back({"target", (*end)->access().alias});
    co_return started;
  }
  co_return {};
}

void TransferRun::makeEnds() {
  const Loop loop = commons_.loop;
  if (fromHost_) {
    source_ = kj::heap<transfer::RemoteSource>(loop, fromHost_->streams(), fromHost_->channels(), fromHost_->paths(),
                                               plan_.options);
  } else {
    source_ = kj::heap<CallerSource>(loop, commons_.threads, std::get<schema::FileSource::Client>(plan_.from));
  }
  if (toHost_) {
    sink_ = kj::heap<transfer::RemoteSink>(loop, toHost_->streams(), toHost_->channels(), toHost_->paths()[0],
                                           plan_.options, commons_.parts, toHost_->access().key);
  } else {
    sink_ = kj::heap<CallerSink>(loop, commons_.threads, std::get<schema::FileSink::Client>(plan_.to), plan_.options);
  }
  if (!fromHost_ || !toHost_) return;
  source_ = kj::heap<transfer::NamedSource>(kj::mv(source_), fromHost_->access().alias);
  sink_ = kj::heap<transfer::NamedSink>(kj::mv(sink_), toHost_->access().alias);
}

Task<void> TransferRun::tellCaller() {
  auto& host = toHost_ ? toHost_ : fromHost_;
  try {
    co_await events_.pass(mover_->tally(), &host->streams());
  } catch (const kj::Exception&) {
    stop({ErrorKind::CANCELLED, Reason::CALLER_GONE, "nobody waits for the files any more"});
  }
}

// Tells in the error, as facts `part`, what stays.
Task<void> TransferRun::leaveParts() {
  co_await within(commons_.loop.timer, kCleanUp, Error(), leave(*mover_));
  for (const auto& part : mover_->parts()) addFact("part", part);
}

void TransferRun::countBytes() {
  if (!mover_) return;
  const uint64_t more = mover_->tally().sentBytes - counted_;
  counted_ += more;
  if (toHost_) commons_.stats.uploadBytes += more;
  if (fromHost_) commons_.stats.downloadBytes += more;
}

void TransferRun::count() {
  countBytes();
  const bool well = !error() && mover_ && mover_->tally().failed == 0 && !plan_.options.dryRun;
  if (!well) return;
  if (toHost_) commons_.stats.uploads.record(times_.runUs);
  if (fromHost_) commons_.stats.downloads.record(times_.runUs);
}

void TransferRun::release() {
  mover_.reset();
  sink_ = nullptr;
  source_ = nullptr;
  toHost_.reset();
  fromHost_.reset();
}

void TransferRun::encodeResult(schema::TransferResult::Builder result) {
  Error why = error().value_or(Error{ErrorKind::NONE, Reason::UNSPECIFIED, ""});
  encode(times_, result.initTimes());
  if (mover_) {
    const transfer::Tally& tally = mover_->tally();
    if (!error() && tally.failed > 0) {
      why = mover_->firstFailure();
      why.facts.push_back({"failed", std::to_string(tally.failed)});
    }
    result.setBytes(tally.sentBytes);
    result.setFiles(tally.moved);
    result.setUnchanged(tally.unchanged);
    result.setSkipped(tally.skipped);
    result.setDeleted(tally.deleted);
    result.setFailed(tally.failed);
    result.setTotalBytes(tally.bytes);
    result.setPath(dataOf(mover_->destination()));
  }
  auto& host = toHost_ ? toHost_ : fromHost_;
  if (host) result.setStreams(host->streams().most());
  if (why.kind != ErrorKind::NONE) cbs::encode(why, result.initError());
}

}  // namespace cbs::engine
