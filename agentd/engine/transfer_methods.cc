// The part of EngineServer that moves files.

#include "agentd/engine/engine_server.h"
#include "agentd/engine/host_access.h"
#include "agentd/engine/transfer_server.h"

namespace cbs::engine {

kj::Promise<void> EngineServer::upload(UploadContext context) {
  auto params = context.getParams();
  return beginTransfer(Direction::UPLOAD, params, params.getSource(), context.getResults(), uploadBytes_);
}

kj::Promise<void> EngineServer::download(DownloadContext context) {
  auto params = context.getParams();
  return beginTransfer(Direction::DOWNLOAD, params, params.getDestination(), context.getResults(), downloadBytes_);
}

template <typename Params, typename Results>
kj::Promise<void> EngineServer::beginTransfer(Direction direction, Params params, schema::OpenFile::Client file,
                                              Results results, uint64_t& sum) {
  auto plan = planTransfer(params.getSpec());
  if (plan && draining_) plan = fail(ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon is stopping");
  if (!plan) return refuseTransfer(params.getObserver(), plan.error());
  auto access = hostAccessOf(params);
  auto run = kj::refcounted<TransferRun>(loop_, pool_, kj::mv(access), direction, kj::mv(*plan), kj::mv(file),
                                         params.getObserver(), sum);
  results.setTransfer(kj::heap<TransferServer>(kj::addRef(*run)));
  tasks_.add(transfer(kj::mv(run)));
  return kj::READY_NOW;
}

Task<void> EngineServer::transfer(kj::Own<TransferRun> run) {
  auto place = transfers_.insert(transfers_.end(), run.get());
  KJ_DEFER(transfers_.erase(place));
  co_await run->run();
}

}  // namespace cbs::engine
