// A time limit on something that is waited for.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/timer.h>

#include <algorithm>

namespace cbs {

// A time limit as callers give it. It is at most 1000 days, as a point in time beyond 290 years would overflow.
inline kj::Duration limitOf(uint64_t milliseconds) {
  constexpr uint64_t kMost = 1000 * kj::DAYS / kj::MILLISECONDS;
  return static_cast<int64_t>(std::min(milliseconds, kMost)) * kj::MILLISECONDS;
}

// Gives what `task` gives, or `onTimeout` if that takes longer than `limit`; the task is dropped then.
template <typename T>
kj::Promise<Expected<T>> within(kj::Timer& timer, kj::Duration limit, Error onTimeout, Task<Expected<T>> task) {
  if (task.finished()) return kj::mv(task);
  auto expired = timer.afterDelay(limit).then(
      [error = kj::mv(onTimeout)]() mutable -> Expected<T> { return fail(kj::mv(error)); });
  return kj::mv(task).promise().exclusiveJoin(kj::mv(expired));
}

inline uint64_t microsecondsSince(kj::Timer& timer, kj::TimePoint start) {
  return static_cast<uint64_t>((timer.now() - start) / kj::MICROSECONDS);
}

}  // namespace cbs
