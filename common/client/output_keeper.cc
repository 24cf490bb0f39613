#include "common/client/output_keeper.h"

#include "common/client/kept_bytes.h"
#include "common/client/reply.h"

namespace cbs::client {

Expected<cbsession::Result> Output::finish(Expected<void> end) {
  over = true;
  if (thrown) std::rethrow_exception(thrown);
  if (!end) {
    if (end.error().kind != ErrorKind::LOST) return fail(std::move(end.error()));
    result.state = cbsession::State::unknown;
    result.failure = failureOf(end.error());
  }
  return std::move(result);
}

kj::Promise<void> OutputKeeper::write(WriteContext context) {
  auto chunk = context.getParams();
  bool isOut = chunk.getStream() == schema::OutputStream::STDOUT;
  if (!output_->over) keepAndPass(isOut ? cbsession::Stream::out : cbsession::Stream::err, viewOf(chunk.getBytes()));
  return kj::READY_NOW;
}

void OutputKeeper::keepAndPass(cbsession::Stream stream, std::string_view bytes) {
  auto& result = output_->result;
  const auto& options = output_->options;
  bool isOut = stream == cbsession::Stream::out;
  bool all = keep(bytes, options.keepBytes, isOut ? result.out : result.err);
  if (!all) (isOut ? result.outTruncated : result.errTruncated) = true;
  if (!options.onOutput) return;
  try {
    options.onOutput(stream, bytes);
  } catch (...) {
    output_->thrown = std::current_exception();
    output_->over = true;
    told_->fulfill(Expected<void>());
  }
}

kj::Promise<void> OutputKeeper::finished(FinishedContext context) {
  if (!output_->over) readOutcome(context.getParams().getOutcome(), output_->result);
  told_->fulfill(Expected<void>());
  return kj::READY_NOW;
}

}  // namespace cbs::client
