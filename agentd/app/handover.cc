#include "agentd/app/handover.h"

#include "common/error.h"

#include <capnp/message.h>

namespace cbs::app {
namespace {

// Of as many jobs as can run, with the beginnings of their logs.
capnp::ReaderOptions generous() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = uint64_t{512} << 20;
  return options;
}

}  // namespace

HandoverLink::HandoverLink(Loop loop, kj::AutoCloseFd socket, capnp::rpc::twoparty::Side side,
                           capnp::Capability::Client bootstrap)
    : stream_(loop.io.wrapSocketFd(kj::mv(socket), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                                       kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK)),
      network_(*stream_, side, generous()),
      system_(capnp::makeRpcServer(network_, kj::mv(bootstrap))) {}

schema::Successor::Client HandoverLink::successor() {
  capnp::MallocMessageBuilder message;
  auto vat = message.initRoot<capnp::rpc::twoparty::VatId>();
  vat.setSide(capnp::rpc::twoparty::Side::SERVER);
  return system_.bootstrap(vat).castAs<schema::Successor>();
}

void encode(queue::RunningJob& job, schema::RunningJob::Builder to) {
  to.setId(job.id.c_str());
  to.setAttempts(job.attempts);
  to.setCommand(job.command);
  to.setMaybeSent(job.maybeSent);
  if (job.cancelled) cbs::encode(*job.cancelled, to.initCancelled());
  auto log = to.initLog();
  log.setBytes(job.log.size);
  log.setDroppedBytes(job.log.droppedBytes);
  log.setInFile(job.log.inFile);
  log.setIsSmall(job.log.small.has_value());
  if (job.log.small) log.setSmall(kj::StringPtr(job.log.small->c_str(), job.log.small->size()).asBytes());
}

queue::RunningJob decode(schema::RunningJob::Reader job) {
  queue::RunningJob running{.id = job.getId().cStr(),
                            .attempts = job.getAttempts(),
                            .maybeSent = job.getMaybeSent(),
                            .command = job.getCommand()};
  auto cancelled = cbs::decode(job.getCancelled());
  if (cancelled.kind != ErrorKind::NONE) running.cancelled = kj::mv(cancelled);
  auto log = job.getLog();
  running.log = {.size = log.getBytes(), .droppedBytes = log.getDroppedBytes(), .inFile = log.getInFile()};
  auto small = log.getSmall().asChars();
  if (log.getIsSmall()) running.log.small.emplace(small.begin(), small.size());
  return running;
}

}  // namespace cbs::app
