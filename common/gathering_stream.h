// Writes that come together leave together.
#pragma once

#include <kj/async-io.h>
#include <kj/exception.h>
#include <kj/vector.h>

namespace cbs {

// A Cap'n Proto message is a write of its own, and each write wakes the reader: a command's hello, its request and what
// belongs to them cost four wake-ups where one would do. This stream keeps small writes until the event loop has
// nothing else to do, and then makes one of them. A write that is kept counts as done; if it fails after all, the next
// one does.
class GatheringStream final : public kj::AsyncCapabilityStream, private kj::TaskSet::ErrorHandler {
 public:
  explicit GatheringStream(kj::Own<kj::AsyncCapabilityStream> inner) : inner_(kj::mv(inner)) {}

  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override {
    return inner_->tryRead(buffer, minBytes, maxBytes);
  }
  kj::Promise<ReadResult> tryReadWithFds(void* buffer, size_t minBytes, size_t maxBytes, kj::AutoCloseFd* fds,
                                         size_t maxFds) override {
    return inner_->tryReadWithFds(buffer, minBytes, maxBytes, fds, maxFds);
  }
  kj::Promise<ReadResult> tryReadWithStreams(void* buffer, size_t minBytes, size_t maxBytes,
                                             kj::Own<kj::AsyncCapabilityStream>* streams, size_t maxStreams) override {
    return inner_->tryReadWithStreams(buffer, minBytes, maxBytes, streams, maxStreams);
  }

  kj::Promise<void> write(const void* buffer, size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> writeWithFds(kj::ArrayPtr<const kj::byte> data,
                                 kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData,
                                 kj::ArrayPtr<const int> fds) override;
  kj::Promise<void> writeWithStreams(kj::ArrayPtr<const kj::byte> data,
                                     kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData,
                                     kj::Array<kj::Own<kj::AsyncCapabilityStream>> streams) override;

  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override;
  void abortRead() override { inner_->abortRead(); }

 private:
  bool keep(kj::ArrayPtr<const kj::byte> data, kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData);
  void flush();
  template <typename Write>
  kj::Promise<void> afterKept(Write write);
  template <typename Write>
  void send(Write write);
  void taskFailed(kj::Exception&& exception) override { failure_ = kj::mv(exception); }

  kj::Own<kj::AsyncCapabilityStream> inner_;
  kj::Vector<kj::byte> kept_;
  bool flushWanted_ = false;
  kj::Maybe<kj::Exception> failure_;
  size_t underWay_ = 0;                                                        // writes that have not ended
  kj::ForkedPromise<void> written_ = kj::Promise<void>(kj::READY_NOW).fork();  // the end of the last of them
  kj::TaskSet tasks_{*this};
};

}  // namespace cbs
