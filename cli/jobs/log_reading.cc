#include "cli/jobs/log_reading.h"

#include "cli/jobs/polling.h"

namespace cbs::cli {

Task<Expected<LogEnd>> LogReading::run(bool follow) {
  for (;;) {
    auto part = co_await next(follow ? kPollMs : 0);
    if (!part) co_return fail(part.error());
    auto log = part->getLog();
    auto written = co_await write(log);
    if (!written) co_return fail(written.error());
    if (end_.complete || (!follow && log.getChunks().size() == 0)) co_return end_;
  }
}

Task<Expected<LogReading::Part>> LogReading::next(uint64_t waitMs) {
  auto call = [this, waitMs](schema::Agent::Client& agent) {
    auto request = agent.readLogRequest();
    request.setJob(job_.c_str());
    request.setAttempt(end_.attempt);
    request.setOffset(offset_);
    request.setWaitMs(waitMs);
    return request.send();
  };
  auto part = co_await connection_.ask<schema::Agent::ReadLogResults>(answerTime(waitMs), kj::mv(call));
  if (!part) co_return fail(part.error());
  if (auto error = decode(part->getError()); error.kind != ErrorKind::NONE) co_return fail(error);
  co_return kj::mv(part);
}

Task<Expected<void>> LogReading::write(schema::LogPart::Reader part) {
  if (end_.attempt != 0 && part.getAttempt() != end_.attempt) {
    writer_.restart();
    onAttempt_(part.getAttempt());
  }
  end_ = {part.getAttempt(), part.getComplete(), part.getDroppedBytes()};
  offset_ = part.getNext();
  for (auto chunk : part.getChunks()) {
    auto written = co_await writer_.write(chunk);
    if (!written) co_return written;
  }
  co_return Expected<void>();
}

}  // namespace cbs::cli
