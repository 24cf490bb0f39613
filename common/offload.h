// Calls that block, made on a thread of their own.
#pragma once

#include "common/loop.h"
#include "common/task.h"

#include <functional>
#include <memory>
#include <optional>

namespace cbs {

// Runs `work` on a new thread and resolves when it has returned. `work` must own all it uses: dropping the promise does
// not stop it. Fails with an exception if no thread or descriptor can be had. The caller bounds how many run at once.
Task<void> offload(Loop loop, std::function<void()> work);

// The same for work that gives a value.
template <typename T>
Task<T> offloadFor(Loop loop, std::function<T()> work) {
  auto result = std::make_shared<std::optional<T>>();
  co_await offload(loop, [result, work = std::move(work)]() { result->emplace(work()); });
  co_return std::move(**result);
}

}  // namespace cbs
