// Calls::log: a job's log, part by part.
#include "common/client/calls.h"
#include "common/client/kept_bytes.h"
#include "common/client/request.h"

namespace cbs::client {
namespace {

// Adds a part that begins where the last one ended, or anew if it is another attempt's.
void append(schema::LogPart::Reader part, size_t keepBytes, cbsession::Log& log) {
  if (part.getAttempt() != log.attempt) log = {.attempt = part.getAttempt()};
  for (auto chunk : part.getChunks()) {
    bool isOut = chunk.getStream() == schema::OutputStream::STDOUT;
    if (!keep(viewOf(chunk.getBytes()), keepBytes, isOut ? log.out : log.err)) log.truncated = true;
  }
  log.complete = part.getComplete();
  log.droppedBytes = part.getDroppedBytes();
}

}  // namespace

Task<Expected<cbsession::Log>> Calls::log(std::string job, size_t keepBytes) {
  cbsession::Log log;
  uint64_t offset = 0;
  for (;;) {
    auto connection = co_await link_.get();
    if (!connection) co_return fail(std::move(connection.error()));
    auto request = (*connection)->agent().readLogRequest();
    request.setJob(textOf(job));
    request.setAttempt(log.attempt);
    request.setOffset(offset);
    auto answer = co_await ask(loop_.timer, kj::mv(request));
    if (!answer) co_return fail(std::move(answer.error()));
    auto part = answer->getLog();
    append(part, keepBytes, log);
    // A stream that is full may have a neighbour that is not.
    bool full = log.out.size() >= keepBytes && log.err.size() >= keepBytes;
    bool nothingMore = part.getChunks().size() == 0 || part.getNext() == offset;
    if (log.complete || nothingMore || (log.truncated && full)) co_return log;
    offset = part.getNext();
  }
}

}  // namespace cbs::client
