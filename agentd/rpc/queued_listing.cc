#include "agentd/rpc/queued_listing.h"

#include "agentd/rpc/engine_place.h"
#include "agentd/rpc/listing_relay.h"

namespace cbs::rpc {

QueuedListing::QueuedListing(Services& services, Caller caller, schema::ListRequest::Reader request,
                             schema::ListingObserver::Client observer)
    : HeldErrand(services), observer_(kj::mv(observer)) {
  request_.setRoot(request);
  begin({kj::mv(caller), request.getPlace().getTarget().cStr(), contextOf(request.getCaller())});
}

kj::Promise<void> QueuedListing::handOver(const Admission& admission) {
  auto request = request_.getRoot<schema::ListRequest>();
  auto engineRequest = services_.engine.listRequest();
  describePlace(admission.destination, request.getPlace(), request.getConnectTimeoutMs(), engineRequest.initPlace());
  engineRequest.setItself(request.getItself());
  auto told = kj::newPromiseAndFulfiller<void>();
  engineRequest.setObserver(kj::heap<ListingRelay>(observer_, kj::mv(told.fulfiller)));
  auto running = engineRequest.send();
  schema::Transfer::Client held = running.getListing();
  return withEngine(kj::mv(running), kj::mv(held), kj::mv(told.promise));
}

kj::Promise<void> QueuedListing::tellEnd(const Error& why) {
  auto request = observer_.finishedRequest();
  encode(why, request.initError());
  return request.send().ignoreResult();
}

}  // namespace cbs::rpc
