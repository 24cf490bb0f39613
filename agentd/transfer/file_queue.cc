#include "agentd/transfer/file_queue.h"

#include <utility>

namespace cbs::transfer {

FileQueue::Taken::Taken(FileQueue& queue, unsigned FileQueue::*count, std::vector<QueuedFile> taken)
    : files(std::move(taken)), queue_(&queue), count_(count) {
  ++(queue.*count);
}

FileQueue::Taken::Taken(Taken&& other) noexcept
    : files(std::move(other.files)), queue_(std::exchange(other.queue_, nullptr)), count_(other.count_) {}

FileQueue::Taken::~Taken() noexcept(false) {
  if (queue_ == nullptr) return;
  --(queue_->*count_);
  queue_->changed_.ring();
}

void FileQueue::addSmall(QueuedFile file) {
  smallBytes_ += file.entry.size;
  small_.push_back(std::move(file));
  if (groupMayGo()) changed_.ring();
}

void FileQueue::addLarge(QueuedFile file) {
  large_.push_back(std::move(file));
  changed_.ring();
}

void FileQueue::close() {
  closed_ = true;
  changed_.ring();
}

Task<FileQueue::Taken> FileQueue::takeLarge() {
  while (large_.empty() && !closed_) co_await changed_.rung();
  Taken taken(*this, &FileQueue::larges_, {});
  if (!large_.empty()) {
    taken.files.push_back(std::move(large_.front()));
    large_.pop_front();
  }
  co_return kj::mv(taken);
}

Task<FileQueue::Taken> FileQueue::takeGroup() {
  while (!groupMayGo() && !(small_.empty() && closed_)) co_await changed_.rung();
  co_return Taken(*this, &FileQueue::groups_, nextGroup());
}

std::vector<QueuedFile> FileQueue::nextGroup() {
  std::vector<QueuedFile> group;
  uint64_t bytes = 0;
  while (!small_.empty() && group.size() < kFilesInGroup && bytes + small_.front().entry.size <= kBytesInGroup) {
    bytes += small_.front().entry.size;
    group.push_back(std::move(small_.front()));
    small_.pop_front();
  }
  smallBytes_ -= bytes;
  return group;
}

Task<void> FileQueue::room() {
  while (size() > kMost) co_await changed_.rung();
}

Task<void> FileQueue::empty() {
  while (size() + groups_ + larges_ > 0) co_await changed_.rung();
}

}  // namespace cbs::transfer
