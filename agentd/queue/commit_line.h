// Group commit: operations that come while a transaction is being written share the next one.
#pragma once

#include "agentd/queue/transaction.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/async.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace cbs::queue {

// Belongs to the event loop. Operations run in the order in which they were asked for, on a thread, and are durable
// when their tasks end. One whose task is dropped is done all the same. Outlives its tasks.
class CommitLine {
 public:
  // The weight that operations of one transaction have together: how long the first of them may wait for the last.
  static constexpr size_t kMostWeight = 1'000;

  CommitLine(Loop loop, std::unique_ptr<Database> database);
  // Blocks until all that was asked for is written.
  ~CommitLine() noexcept(false);
  KJ_DISALLOW_COPY(CommitLine);

  // `work` runs on the thread; it must own all it uses. The weight of most is 1.
  template <typename T>
  Task<Expected<T>> run(std::function<Expected<T>(Transaction&)> work, size_t weight = 1);

  // For what cannot wait for its turn in the line: blocks until nothing is being written, and hands the database out.
  Database& idle();

  // How many were committed. For tests and figures.
  uint64_t transactions() const { return transactions_; }

 private:
  struct Operation {
    Transaction::Work work;
    size_t weight;
    kj::Own<kj::PromiseFulfiller<Expected<void>>> fulfiller;
    std::optional<Expected<void>> result = std::nullopt;
  };

  kj::Promise<Expected<void>> enqueue(Transaction::Work work, size_t weight);
  Task<void> writeAll();
  Task<void> writeNext();
  void fillBatch();
  void writeBatch();
  void tellBatch();

  Loop loop_;
  std::unique_ptr<Database> database_;
  std::deque<Operation> waiting_;
  std::vector<Operation> batch_;  // the thread's, as long as `written_` is not ready
  std::future<void> written_;
  std::atomic<uint64_t> transactions_ = 0;
  std::optional<Task<void>> writing_;
};

template <typename T>
Task<Expected<T>> CommitLine::run(std::function<Expected<T>(Transaction&)> work, size_t weight) {
  auto value = std::make_shared<std::optional<Expected<T>>>();
  auto keepValue = [work = std::move(work), value](Transaction& transaction) -> Expected<void> {
    value->emplace(work(transaction));
    if (!**value) return fail((*value)->error());
    return {};
  };
  auto result = co_await enqueue(std::move(keepValue), weight);
  if (!result) co_return fail(std::move(result.error()));
  co_return std::move(**value);
}

}  // namespace cbs::queue
