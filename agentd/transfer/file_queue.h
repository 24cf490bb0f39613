// Files that are to be moved, between the listing and those who move them.
#pragma once

#include "agentd/transfer/bell.h"
#include "agentd/transfer/entry.h"
#include "common/task.h"

#include <deque>
#include <optional>
#include <vector>

namespace cbs::transfer {

struct QueuedFile {
  Entry entry;
  bool compare = false;  // it is unchanged if it has the same content on both sides
};

class FileQueue {
 public:
  static constexpr size_t kFilesInGroup = 64;
  static constexpr uint64_t kBytesInGroup = uint64_t{1024} * 1024;
  static constexpr size_t kMost = 4096;  // the listing waits while there are more

  // Files that were taken and count as under way while this exists.
  class Taken {
   public:
    Taken(FileQueue& queue, unsigned FileQueue::*count, std::vector<QueuedFile> files);
    Taken(Taken&& other) noexcept;
    Taken& operator=(Taken&&) = delete;
    ~Taken() noexcept(false);

    std::vector<QueuedFile> files;

   private:
    FileQueue* queue_;
    unsigned FileQueue::*count_;
  };

  FileQueue() = default;
  KJ_DISALLOW_COPY(FileQueue);

  void addSmall(QueuedFile file);
  void addLarge(QueuedFile file);
  // No more come.
  void close();

  // A large file; no files when no more come.
  Task<Taken> takeLarge();
  // At most kFilesInGroup small files of at most kBytesInGroup; no files when no more come. While other groups are
  // under way it waits for enough to fill one.
  Task<Taken> takeGroup();

  // Waits until there are at most kMost.
  Task<void> room();
  // Waits until there are none, and none under way.
  Task<void> empty();

 private:
  size_t size() const { return small_.size() + large_.size(); }
  bool groupIsFull() const { return small_.size() >= kFilesInGroup || smallBytes_ >= kBytesInGroup; }
  bool groupMayGo() const { return !small_.empty() && (groupIsFull() || closed_ || groups_ == 0); }
  std::vector<QueuedFile> nextGroup();

  std::deque<QueuedFile> small_;
  uint64_t smallBytes_ = 0;
  std::deque<QueuedFile> large_;
  unsigned groups_ = 0;  // under way
  unsigned larges_ = 0;  // under way
  bool closed_ = false;
  Bell changed_;
};

}  // namespace cbs::transfer
