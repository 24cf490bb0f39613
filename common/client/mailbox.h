// Work that any thread leaves for an event loop.
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/function.h>
#include <kj/io.h>

#include <memory>
#include <mutex>
#include <vector>

namespace cbs::client {

class Calls;

class Mailbox {
 public:
  // Destroyed unopened if the mailbox closes before: what it holds must not belong to the event loop.
  using Letter = kj::Function<void(Calls&)>;

  // Fails with `internal` if there is no descriptor left.
  static Expected<Mailbox> open();
  Mailbox(Mailbox&&) noexcept;

  // These two from any thread.
  void post(Letter letter);
  void close();

  // Opens letters in the order in which they come, on this thread's event loop, until the mailbox is closed.
  Task<void> deliver(Loop loop, Calls& calls);

 private:
  struct State {
    std::mutex mutex;
    std::vector<Letter> letters;
    bool closed = false;
    kj::AutoCloseFd bell;  // an eventfd
  };

  explicit Mailbox(kj::AutoCloseFd bell);
  void ring();
  // False when the mailbox is closed.
  bool take(std::vector<Letter>& letters);

  std::unique_ptr<State> state_;
};

}  // namespace cbs::client
