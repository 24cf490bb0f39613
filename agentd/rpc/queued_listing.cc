#include "agentd/rpc/queued_listing.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/engine_place.h"
#include "agentd/rpc/listing_relay.h"

namespace cbs::rpc {

QueuedListing::QueuedListing(Services& services, Caller caller, schema::ListRequest::Reader request,
                             schema::ListingObserver::Client observer)
    : HeldErrand(services), observer_(kj::mv(observer)) {
  request_.setRoot(request);
  auto context = contextOf(request.getCaller(), caller.user);
  leaveTrail({.kind = WorkKind::LIST,
              .caller = caller,
              .target = request.getPlace().getTarget().cStr(),
              .details = services.audit.on() ? auditFields(request) : ""});
  begin({kj::mv(caller), request.getPlace().getTarget().cStr(), kj::mv(context)});
}

kj::Promise<void> QueuedListing::handOver(const Admission& admission) { return send(admission); }

Task<void> QueuedListing::send(const Admission& admission) {
  auto begun = co_await trail().begin(admission.destination.host->host());
  if (!begun) co_return co_await end(begun.error());
  auto request = request_.getRoot<schema::ListRequest>();
  auto engineRequest = services_.engine.listRequest();
  describePlace(admission.destination, request.getPlace(), request.getConnectTimeoutMs(), engineRequest.initPlace());
  engineRequest.setItself(request.getItself());
  auto told = kj::newPromiseAndFulfiller<void>();
  engineRequest.setObserver(kj::heap<ListingRelay>(observer_, sharedTrail(), kj::mv(told.fulfiller)));
  engineRequest.setId(trail().id().c_str());
  auto running = engineRequest.send();
  schema::Transfer::Client held = running.getListing();
  co_await withEngine(kj::mv(running), kj::mv(held), kj::mv(told.promise));
}

kj::Promise<void> QueuedListing::tellEnd(const Error& why) {
  auto request = observer_.finishedRequest();
  encode(why, request.initError());
  request.setId(trail().id().c_str());
  trail().end(request.getError(), 0);
  return request.send().ignoreResult();
}

}  // namespace cbs::rpc
