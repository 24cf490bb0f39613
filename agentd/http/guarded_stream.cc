#include "agentd/http/guarded_stream.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

namespace cbs::http {
namespace {

constexpr auto kWriting = 10 * kj::SECONDS;
constexpr kj::StringPtr kEnd = "\r\n\r\n"_kj;  // of a request's headers

}  // namespace

kj::Promise<size_t> GuardedStream::tryRead(void* buffer, size_t minBytes, size_t maxBytes) {
  if (unread_ == 0) {
    size_t end = overrun_ || maxBytes < kEnd.size() ? 0 : kEnd.size();
    overrun_ = true;
    memcpy(buffer, kEnd.begin(), end);
    return end;
  }
  size_t most = std::min(maxBytes, std::max(minBytes, unread_));
  return inner_->tryRead(buffer, minBytes, most).then([this](size_t count) {
    unread_ -= std::min(unread_, count);
    return count;
  });
}

kj::Promise<void> GuardedStream::write(const void* buffer, size_t size) { return inTime(inner_->write(buffer, size)); }

kj::Promise<void> GuardedStream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  return inTime(inner_->write(pieces));
}

kj::Promise<void> GuardedStream::inTime(kj::Promise<void> written) {
  auto late = timer_.afterDelay(kWriting).then(
      []() -> kj::Promise<void> { return KJ_EXCEPTION(DISCONNECTED, "the other end does not read its answer"); });
  return written.exclusiveJoin(kj::mv(late));
}

}  // namespace cbs::http
