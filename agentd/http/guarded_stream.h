// A connection whose other end is not to be trusted to read, or to stop sending.
#pragma once

#include <kj/async-io.h>
#include <kj/timer.h>

namespace cbs::http {

// A write that takes longer than ten seconds fails, so that the connection is closed. Of a request 16 KiB are read;
// then it looks as if it were at its end, so that it can be answered.
class GuardedStream final : public kj::AsyncIoStream {
 public:
  static constexpr size_t kLargestRequest = 16 * 1024;

  GuardedStream(kj::Timer& timer, kj::Own<kj::AsyncIoStream> inner) : timer_(timer), inner_(kj::mv(inner)) {}

  // A request has come as a whole.
  void requestCame() { unread_ = kLargestRequest; }
  // The last request was larger.
  bool overrun() const { return overrun_; }

  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override;
  kj::Promise<void> write(const void* buffer, size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }
  void abortRead() override { inner_->abortRead(); }

 private:
  kj::Promise<void> inTime(kj::Promise<void> written);

  kj::Timer& timer_;
  kj::Own<kj::AsyncIoStream> inner_;
  size_t unread_ = kLargestRequest;
  bool overrun_ = false;
};

}  // namespace cbs::http
