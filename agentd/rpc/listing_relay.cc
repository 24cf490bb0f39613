#include "agentd/rpc/listing_relay.h"

namespace cbs::rpc {

kj::Promise<void> ListingRelay::files(FilesContext context) {
  auto request = caller_.filesRequest(context.getParams().totalSize());
  request.setPath(context.getParams().getPath());
  request.setFiles(context.getParams().getFiles());
  return request.send();
}

kj::Promise<void> ListingRelay::failed(FailedContext context) {
  auto request = caller_.failedRequest(context.getParams().totalSize());
  request.setError(context.getParams().getError());
  return request.send().ignoreResult();
}

kj::Promise<void> ListingRelay::finished(FinishedContext context) {
  auto request = caller_.finishedRequest(context.getParams().totalSize());
  request.setError(context.getParams().getError());
  request.setUs(context.getParams().getUs());
  request.setId(trail_->id().c_str());
  trail_->end(request.getError(), context.getParams().getUs());
  return request.send().ignoreResult().then([this]() { told_->fulfill(); },
                                            [this](kj::Exception&&) { told_->fulfill(); });
}

}  // namespace cbs::rpc
