#include "agentd/engine/listing_run.h"

#include "agentd/engine/transfer_codec.h"
#include "common/deadline.h"

namespace cbs::engine {

ListingRun::ListingRun(Loop loop, pool::Pool& pool, TransferStats& stats, HostPlace place, bool itself,
                       schema::ListingObserver::Client observer)
    : loop_(loop), stats_(stats), itself_(itself), observer_(kj::mv(observer)) {
  host_.emplace(loop, pool, kj::mv(place), 1);
}

// As TransferRun::run.
Task<void> ListingRun::run() {
  co_await untilStopped(list());
  host_.reset();
  auto request = observer_.finishedRequest();
  if (error()) cbs::encode(*error(), request.initError());
  request.setUs(tookUs_);
  try {
    co_await request.send();
  } catch (const kj::Exception&) {
    // The caller has gone; what it wanted to know has no reader.
  }
}

Task<Expected<void>> ListingRun::list() {
  auto started = co_await host_->start();
  if (!started) co_return started;
  const kj::TimePoint start = loop_.timer.now();
  auto listed = co_await transfer::listOn(host_->streams(), host_->paths(), itself_, *this);
  tookUs_ = microsecondsSince(loop_.timer, start);
  if (listed) stats_.listings.record(tookUs_);
  co_return listed;
}

kj::Promise<void> ListingRun::files(std::string path, std::vector<transfer::Listed> files) {
  auto request = observer_.filesRequest();
  request.setPath(dataOf(path));
  auto list = request.initFiles(static_cast<unsigned>(files.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setName(dataOf(files[i].name));
    encode(files[i].entry, list[i].initEntry());
    list[i].setUid(files[i].uid);
    list[i].setGid(files[i].gid);
    list[i].setOwner(files[i].owner.c_str());
    list[i].setGroup(files[i].group.c_str());
  }
  return request.send();
}

kj::Promise<void> ListingRun::failed(transfer::PathError error) {
  auto request = observer_.failedRequest();
  encode(error, request.initError());
  return request.send().ignoreResult();
}

}  // namespace cbs::engine
