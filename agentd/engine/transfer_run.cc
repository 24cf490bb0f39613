#include "agentd/engine/transfer_run.h"

#include "agentd/transfer/download.h"
#include "common/deadline.h"

namespace cbs::engine {
namespace {

// A connection can break between two uses; that costs the caller nothing but another connection.
constexpr unsigned kSilentRetries = 2;

// What is half done is not worth a longer wait; the engine's own end (EngineServer::drain) allows for it.
constexpr kj::Duration kCleanUp = 3 * kj::SECONDS;

constexpr kj::Duration kBetweenReports = 100 * kj::MILLISECONDS;

// For a transfer, a lost connection leaves nothing in doubt: it has failed.
Error asFailure(Error error) {
  if (error.kind == ErrorKind::LOST) error.kind = ErrorKind::TRANSFER_FAILED;
  return error;
}

}  // namespace

TransferRun::TransferRun(Loop loop, pool::Pool& pool, std::shared_ptr<const pool::HostAccess> access,
                         Direction direction, transfer::UploadPlan plan, schema::OpenFile::Client file,
                         schema::TransferObserver::Client observer, uint64_t& sum)
    : loop_(loop),
      pool_(pool),
      access_(kj::mv(access)),
      direction_(direction),
      plan_(kj::mv(plan)),
      file_(kj::mv(file)),
      observer_(kj::mv(observer)),
      progress_{sum} {}

Task<void> TransferRun::run() {
  {
    auto reporter = reportProgress();
    co_await move().promise().exclusiveJoin(kj::mv(abandonPair_.promise));
  }
  if (upload_) plan_.path = upload_->destination();
  if (error_) co_await removeTemporary();
  upload_.reset();
  sftp_ = nullptr;
  lease_.reset();
  co_await report();
}

void TransferRun::stop(Error why) {
  if (error_ || !abandonPair_.fulfiller->isWaiting()) return;
  error_ = kj::mv(why);
  abandonPair_.fulfiller->fulfill();
}

Task<void> TransferRun::move() {
  try {
    auto moved = co_await moveFile();
    if (moved) {
      moved_ = *moved;
    } else {
      error_ = asFailure(kj::mv(moved.error()));
    }
  } catch (const kj::Exception& exception) {
    error_ = Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
  } catch (const std::exception& exception) {
    error_ = Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.what()};  // e.g. no thread can be had
  }
}

Task<Expected<transfer::Moved>> TransferRun::moveFile() {
  auto local = co_await adoptFile();
  if (!local) co_return fail(local.error());
  local_.emplace(kj::mv(*local));
  auto connected = co_await connect();
  if (!connected) co_return fail(connected.error());

  const kj::TimePoint start = loop_.timer.now();
  KJ_DEFER(times_.runUs = microsecondsSince(loop_.timer, start));
  if (direction_ == Direction::UPLOAD) {
    upload_.emplace(*sftp_, *local_, plan_, progress_);
    co_return co_await upload_->run();
  }
  transfer::Download download(*sftp_, plan_.path, *local_, progress_);
  co_return co_await download.run();
}

Task<Expected<transfer::LocalFile>> TransferRun::adoptFile() {
  using transfer::LocalFile;
  auto descriptor = co_await file_.getFd();
  KJ_IF_MAYBE (fd, descriptor) {
    co_return LocalFile::adopt(loop_, *fd,
                               direction_ == Direction::UPLOAD ? LocalFile::Use::READ : LocalFile::Use::WRITE);
  }
  co_return fail(ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "no file descriptor came with the request");
}

Task<Expected<void>> TransferRun::connect() {
  for (unsigned tried = 0;; ++tried) {
    auto connected = co_await connectOnce();
    if (connected) co_return connected;
    lease_.reset();
    if (connected.error().kind != ErrorKind::LOST || tried >= kSilentRetries) co_return connected;
  }
}

Task<Expected<void>> TransferRun::connectOnce() {
  kj::TimePoint start = loop_.timer.now();
  auto lease = co_await pool_.borrow(access_);
  times_.poolUs += microsecondsSince(loop_.timer, start);
  if (!lease) co_return fail(lease.error());
  times_.dial = lease->dial;
  lease_.emplace(kj::mv(*lease));

  start = loop_.timer.now();
  auto sftp = co_await ssh::Sftp::start(loop_, *lease_->channel);
  times_.openUs = microsecondsSince(loop_.timer, start);
  if (!sftp) co_return fail(sftp.error());
  sftp_ = kj::mv(*sftp);
  lease_->started();
  co_return {};
}

// Tells in the error, as the fact `leftBehind`, what could not be removed.
Task<void> TransferRun::removeTemporary() {
  if (!upload_ || upload_->temporary().empty()) co_return;
  const std::string path = upload_->temporary();
  Error tooLong{ErrorKind::TIMED_OUT, Reason::UNSPECIFIED, ""};
  auto removed = co_await within(loop_.timer, kCleanUp, kj::mv(tooLong), removeRemotely(path));
  bool gone = removed || removed.error().reason == Reason::NOT_FOUND;
  if (!gone) error_->facts.push_back({"leftBehind", path});
}

// Over another connection if this one is lost.
Task<Expected<void>> TransferRun::removeRemotely(std::string path) {
  if (sftp_->broken()) {
    upload_.reset();
    sftp_ = nullptr;
    lease_.reset();
    auto connected = co_await connect();
    if (!connected) co_return connected;
  }
  co_return co_await sftp_->remove(path);
}

Task<void> TransferRun::reportProgress() {
  uint64_t told = 0;
  for (;;) {
    co_await loop_.timer.afterDelay(kBetweenReports);
    if (progress_.bytes == told) continue;
    told = progress_.bytes;
    auto request = observer_.progressRequest();
    request.setBytes(told);
    request.setTotalBytes(progress_.total);
    try {
      co_await request.send();
    } catch (const kj::Exception&) {
      stop({ErrorKind::CANCELLED, Reason::CALLER_GONE, "nobody waits for the file any more"});
      co_return;
    }
  }
}

Task<void> TransferRun::report() {
  auto request = observer_.finishedRequest();
  auto result = request.initResult();
  if (error_) cbs::encode(*error_, result.initError());
  result.setBytes(progress_.bytes);
  result.setMode(moved_.mode);
  result.setMtimeMs(moved_.mtimeMs);
  encode(times_, result.initTimes());
  result.setRemotePath(kj::arrayPtr(reinterpret_cast<const kj::byte*>(plan_.path.data()), plan_.path.size()));
  try {
    co_await request.send();
  } catch (const kj::Exception&) {
    // The caller has gone; what it wanted to know has no reader.
  }
}

}  // namespace cbs::engine
