// The part of EngineServer that moves files.

#include "agentd/engine/engine_server.h"
#include "agentd/engine/transfer_server.h"

namespace cbs::engine {
namespace {

Error stopping() { return {ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon is stopping"}; }

}  // namespace

kj::Promise<void> EngineServer::transfer(TransferContext context) {
  auto params = context.getParams();
  auto plan = decode(params.getOrder());
  if (plan && draining_) plan = fail(stopping());
  if (!plan) {
    auto refusal = params.getObserver().finishedRequest();
    cbs::encode(plan.error(), refusal.initResult().initError());
    return refusal.send().ignoreResult();
  }
  auto run = kj::refcounted<TransferRun>(transfers_, kj::mv(*plan), params.getObserver());
  context.getResults().setTransfer(kj::heap<TransferServer<TransferRun>>(kj::addRef(*run)));
  tasks_.add(runAmong(moving_, kj::mv(run)));
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::list(ListContext context) {
  auto params = context.getParams();
  auto place = decode(params.getPlace(), params.getId().cStr());
  if (place && draining_) place = fail(stopping());
  if (!place) {
    auto refusal = params.getObserver().finishedRequest();
    cbs::encode(place.error(), refusal.initError());
    return refusal.send().ignoreResult();
  }
  auto run = kj::refcounted<ListingRun>(loop_, pool_, transfers_.stats, kj::mv(*place), params.getItself(),
                                        params.getObserver());
  context.getResults().setListing(kj::heap<TransferServer<ListingRun>>(kj::addRef(*run)));
  tasks_.add(runAmong(listing_, kj::mv(run)));
  return kj::READY_NOW;
}

}  // namespace cbs::engine
