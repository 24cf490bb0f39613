#include "common/gathering_stream.h"

#include <utility>

namespace cbs {
namespace {

// More than the messages that begin and end a command have together; a larger one gains nothing by being copied.
constexpr size_t kMostKept = 4096;

}  // namespace

kj::Promise<void> GatheringStream::write(const void* buffer, size_t size) {
  return writeWithFds(kj::arrayPtr(static_cast<const kj::byte*>(buffer), size), nullptr, nullptr);
}

kj::Promise<void> GatheringStream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  return writeWithFds(nullptr, pieces, nullptr);
}

kj::Promise<void> GatheringStream::writeWithFds(kj::ArrayPtr<const kj::byte> data,
                                                kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData,
                                                kj::ArrayPtr<const int> fds) {
  KJ_IF_MAYBE (failure, failure_) {
    return kj::cp(*failure);
  }
  if (fds.size() == 0 && keep(data, moreData)) return kj::READY_NOW;
  return afterKept([this, data, moreData, fds]() -> kj::Promise<void> {
    if (fds.size() > 0) return inner_->writeWithFds(data, moreData, fds);
    if (data.size() == 0) return inner_->write(moreData);
    auto pieces = kj::heapArrayBuilder<kj::ArrayPtr<const kj::byte>>(moreData.size() + 1);
    pieces.add(data);
    pieces.addAll(moreData);
    auto all = pieces.finish();
    return inner_->write(all).attach(kj::mv(all));
  });
}

kj::Promise<void> GatheringStream::writeWithStreams(kj::ArrayPtr<const kj::byte> data,
                                                    kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData,
                                                    kj::Array<kj::Own<kj::AsyncCapabilityStream>> streams) {
  return afterKept([this, data, moreData, streams = kj::mv(streams)]() mutable {
    return inner_->writeWithStreams(data, moreData, kj::mv(streams));
  });
}

bool GatheringStream::keep(kj::ArrayPtr<const kj::byte> data,
                           kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> moreData) {
  size_t size = data.size();
  for (auto piece : moreData) size += piece.size();
  if (kept_.size() + size > kMostKept) return false;
  kept_.addAll(data);
  for (auto piece : moreData) kept_.addAll(piece);
  if (!std::exchange(flushWanted_, true)) tasks_.add(kj::evalLast([this]() { flush(); }));
  return true;
}

void GatheringStream::flush() {
  flushWanted_ = false;
  if (kept_.size() == 0) return;
  auto bytes = std::exchange(kept_, {}).releaseAsArray();
  send([this, bytes = kj::mv(bytes)]() mutable {
    auto sending = inner_->write(bytes.begin(), bytes.size());
    return sending.attach(kj::mv(bytes));
  });
}

// Does a write behind those that are under way; at once if none is.
template <typename Write>
void GatheringStream::send(Write write) {
  auto written = underWay_++ == 0 ? write() : written_.addBranch().then(kj::mv(write));
  written_ = written.then([this]() { --underWay_; }).fork();
  tasks_.add(written_.addBranch());
}

// Does a write that cannot be kept, behind those that are. What it writes is its caller's until it has ended.
template <typename Write>
kj::Promise<void> GatheringStream::afterKept(Write write) {
  flush();
  send(kj::mv(write));
  return written_.addBranch();
}

void GatheringStream::shutdownWrite() {
  flush();
  send([this]() -> kj::Promise<void> {
    inner_->shutdownWrite();
    return kj::READY_NOW;
  });
}

}  // namespace cbs
