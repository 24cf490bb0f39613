// Does the same for many things, several at once.
#pragma once

#include "common/task.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cbs::transfer {

// So many requests are under way at once at most, where they are small: some 100 bytes each.
constexpr size_t kRequestsAtOnce = 1024;

// Awaits `step(i)`, a Task<void>, for each i below `count`, begun in that order, with at most `atOnce` of them under
// way. Dropping it drops those.
template <typename Step>
Task<void> eachAtOnce(size_t count, size_t atOnce, Step step) {
  size_t next = 0;
  auto work = [&]() -> Task<void> {
    while (next < count) co_await step(next++);
  };
  std::vector<Task<void>> workers;
  workers.reserve(std::min(count, atOnce));
  while (workers.size() < atOnce && next < count) workers.push_back(work());
  for (auto& worker : workers) co_await worker;
}

// Gives the results of `start(0)` to `start(count - 1)`, each a Task<T>, in that order.
template <typename T, typename Start>
Task<std::vector<T>> sideBySide(size_t count, size_t atOnce, Start start) {
  std::vector<T> results(count);
  co_await eachAtOnce(count, atOnce, [&](size_t i) -> Task<void> { results[i] = co_await start(i); });
  co_return results;
}

}  // namespace cbs::transfer
