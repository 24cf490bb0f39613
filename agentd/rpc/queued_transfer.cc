#include "agentd/rpc/queued_transfer.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/engine_place.h"
#include "agentd/rpc/transfer_relay.h"

namespace cbs::rpc {
namespace {

// A transfer waits for a lane to the host that it reads from; if that is the caller, to the one that it writes to.
schema::RemotePlace::Reader firstPlace(schema::TransferRequest::Reader request) {
  return request.getFrom().isHost() ? request.getFrom().getHost() : request.getTo().getHost();
}

bool betweenHosts(schema::TransferRequest::Reader request) {
  return request.getFrom().isHost() && request.getTo().isHost();
}

WorkKind kindOf(schema::TransferRequest::Reader request) {
  if (betweenHosts(request)) return WorkKind::COPY;
  return request.getFrom().isHost() ? WorkKind::DOWNLOAD : WorkKind::UPLOAD;
}

}  // namespace

QueuedTransfer::QueuedTransfer(Services& services, Caller caller, schema::TransferRequest::Reader request,
                               schema::TransferObserver::Client observer, queue::CommandQueue& lanes)
    : HeldErrand(services), observer_(kj::mv(observer)) {
  request_.setRoot(request);
  auto context = contextOf(request.getCaller(), caller.user);
  leaveTrail({.kind = kindOf(request),
              .caller = caller,
              .target = firstPlace(request).getTarget().cStr(),
              .details = services.audit.on() ? auditFields(request) : ""});
  begin({.caller = kj::mv(caller),
         .target = firstPlace(request).getTarget().cStr(),
         .context = kj::mv(context),
         .lanes = &lanes,
         .share = &lanes == &services.fanOutQueue ? " for fan-outs" : ""});
}

kj::Promise<void> QueuedTransfer::handOver(const Admission& admission) { return send(admission); }

Task<void> QueuedTransfer::send(const Admission& admission) {
  auto request = request_.getRoot<schema::TransferRequest>();
  auto engineRequest = services_.engine.transferRequest();
  auto order = engineRequest.initOrder();
  order.setId(trail().id().c_str());
  order.setOptions(request.getOptions());
  const Destination& first = admission.destination;
  const uint64_t limit = request.getConnectTimeoutMs();
  if (!request.getFrom().isHost()) {
    order.getFrom().setCaller(request.getFrom().getCaller());
  } else {
    describePlace(first, request.getFrom().getHost(), limit, order.getFrom().initHost());
  }
  if (!request.getTo().isHost()) {
    order.getTo().setCaller(request.getTo().getCaller());
  } else if (!betweenHosts(request)) {
    describePlace(first, request.getTo().getHost(), limit, order.getTo().initHost());
  } else {
    auto host = co_await services_.resolver.resolve(request.getTo().getHost().getTarget().cStr(), first.context);
    if (!host) co_return co_await end(host.error());
    describePlace({*host, first.caller, first.context}, request.getTo().getHost(), limit, order.getTo().initHost());
  }
  auto begun = co_await trail().begin(first.host->host());
  if (!begun) co_return co_await end(begun.error());
  auto told = kj::newPromiseAndFulfiller<void>();
  engineRequest.setObserver(
      kj::heap<TransferRelay>(observer_, admission.queued, sharedTrail(), kj::mv(told.fulfiller)));
  auto running = engineRequest.send();
  schema::Transfer::Client held = running.getTransfer();
  co_await withEngine(kj::mv(running), kj::mv(held), kj::mv(told.promise));
}

kj::Promise<void> QueuedTransfer::tellEnd(const Error& why) {
  auto request = observer_.finishedRequest();
  encode(why, request.initResult().initError());
  trail().end(request.getResult());
  return request.send().ignoreResult();
}

}  // namespace cbs::rpc
