// One transfer: from a channel on its host to the result that its caller is told.
#pragma once

#include "agentd/engine/outcome.h"
#include "agentd/pool/pool.h"
#include "agentd/transfer/upload.h"
#include "schema/engine.capnp.h"

#include <kj/refcount.h>

#include <memory>
#include <optional>
#include <string>

namespace cbs::engine {

enum class Direction { UPLOAD, DOWNLOAD };

// The holder of a reference may stop the transfer; it ends by itself, and tells the observer its result in any case.
class TransferRun : public kj::Refcounted {
 public:
  // A download uses nothing of the plan but its path. `sum` counts the bytes of all transfers in this direction; it
  // outlives the run.
  TransferRun(Loop loop, pool::Pool& pool, std::shared_ptr<const pool::HostAccess> access, Direction direction,
              transfer::UploadPlan plan, schema::OpenFile::Client file, schema::TransferObserver::Client observer,
              uint64_t& sum);

  // Ends after the observer has got the result. To be called once; the caller keeps the object alive meanwhile.
  Task<void> run();

  // Gives the transfer up; what is half done on the host is removed. `why` becomes the result's error. The first call
  // counts.
  void stop(Error why);

 private:
  Task<void> move();
  Task<Expected<transfer::Moved>> moveFile();
  Task<Expected<transfer::LocalFile>> adoptFile();
  Task<Expected<void>> connect();
  Task<Expected<void>> connectOnce();
  Task<void> removeTemporary();
  Task<Expected<void>> removeRemotely(std::string path);
  Task<void> reportProgress();
  Task<void> report();

  Loop loop_;
  pool::Pool& pool_;
  std::shared_ptr<const pool::HostAccess> access_;
  Direction direction_;
  transfer::UploadPlan plan_;
  schema::OpenFile::Client file_;
  schema::TransferObserver::Client observer_;

  transfer::Progress progress_;
  transfer::Moved moved_;
  std::optional<Error> error_;
  Times times_;
  kj::PromiseFulfillerPair<void> abandonPair_ = kj::newPromiseAndFulfiller<void>();

  // Each uses those before it.
  std::optional<transfer::LocalFile> local_;
  std::optional<pool::Lease> lease_;
  kj::Own<ssh::Sftp> sftp_;
  std::optional<transfer::Upload> upload_;
};

}  // namespace cbs::engine
