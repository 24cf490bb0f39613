#include "agentd/rpc/queued_transfer.h"

#include "agentd/rpc/transfer_relay.h"

namespace cbs::rpc {

QueuedTransfer::QueuedTransfer(Services& services, Caller caller, Direction direction,
                               schema::TransferRequest::Reader request, schema::OpenFile::Client file,
                               schema::TransferObserver::Client observer)
    : services_(services), direction_(direction), file_(kj::mv(file)), observer_(kj::mv(observer)) {
  request_.setRoot(request);
  errand_ = runErrand(services, applicantOf(kj::mv(caller), request), *this).promise().eagerlyEvaluate(nullptr);
}

kj::Promise<void> QueuedTransfer::handOver(const Admission& admission) {
  if (direction_ == Direction::UPLOAD) {
    auto request = services_.engine.uploadRequest();
    request.setSource(file_);
    return send(kj::mv(request), admission);
  }
  auto request = services_.engine.downloadRequest();
  request.setDestination(file_);
  return send(kj::mv(request), admission);
}

template <typename EngineRequest>
kj::Promise<void> QueuedTransfer::send(EngineRequest engineRequest, const Admission& admission) {
  auto told = kj::newPromiseAndFulfiller<void>();
  auto request = request_.getRoot<schema::TransferRequest>().asReader();
  address(engineRequest, admission.destination);
  engineRequest.setSpec(request.getSpec());
  engineRequest.setConnectTimeoutMs(request.getConnectTimeoutMs());
  engineRequest.setObserver(kj::heap<TransferRelay>(observer_, admission.queued, kj::mv(told.fulfiller)));
  // The transfer goes on while it is held, which is until the caller has been told.
  auto holding = [](auto&& running) { return kj::Promise<void>(kj::NEVER_DONE).attach(kj::mv(running)); };
  return told.promise.exclusiveJoin(engineRequest.send().then(kj::mv(holding)));
}

kj::Promise<void> QueuedTransfer::end(const Error& why) {
  auto request = observer_.finishedRequest();
  encode(why, request.initResult().initError());
  return request.send().ignoreResult();
}

}  // namespace cbs::rpc
