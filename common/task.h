// A coroutine whose body runs on the KJ event loop.
//
//   Task<int> sum(Task<int> a, kj::Promise<int> b) { co_return co_await a + co_await b; }
//
// A Task starts at once and runs until its first wait. It is cancelled by being dropped: its frame is destroyed
// where it waits, and what it waited for is dropped with it. It must not be dropped from inside its own body.
// `co_await` takes a Task or a kj::Promise; a Task turns into a kj::Promise by being moved into one. What the body
// throws comes out of the `co_await`.
//
// Why it exists: the Cap'n Proto that distributions package is built without KJ's own coroutines (0.9.2), or has them
// in a form that g++ cannot compile. This one uses KJ's public interface only, so that it builds on 0.9 and 1.x.
#pragma once

#include <kj/async.h>
#include <kj/debug.h>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace cbs {

template <typename T>
class Task;

namespace task_detail {

struct Unit {};

template <typename T>
struct Stored {
  using Type = T;
};
template <>
struct Stored<void> {
  using Type = Unit;
};

// What every coroutine has, whatever it returns: the place where it waits, and who waits for its end.
class Frame {
 public:
  std::suspend_never initial_suspend() noexcept { return {}; }

  auto final_suspend() noexcept {
    struct Finish {
      bool await_ready() noexcept { return false; }
      void await_resume() noexcept {}
      void await_suspend(std::coroutine_handle<>) noexcept {
        if (frame.waiter_.get() != nullptr) frame.waiter_->fulfill();
      }
      Frame& frame;
    };
    finished_ = true;
    return Finish{*this};
  }

  void unhandled_exception() noexcept { failure_ = std::current_exception(); }

  bool finished() const { return finished_; }

  // Resolves when the body has ended. To be asked for at most once, before the end.
  kj::Promise<void> whenFinished() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiter_ = kj::mv(pair.fulfiller);
    return kj::mv(pair.promise);
  }

  // Resumes the coroutine once `ready` resolves. `ready` must not reject.
  //
  // A continuation may not destroy the promise that runs it, and resuming can lead to the next wait at once: so two
  // places are used in turn, and the one that is running is never overwritten.
  void resumeAfter(kj::Promise<void> ready, std::coroutine_handle<> coroutine) {
    turn_ = !turn_;
    resumption_[turn_] = ready.then([coroutine]() { coroutine.resume(); }).eagerlyEvaluate(nullptr);
  }
  void forgetResumption() { resumption_[turn_] = nullptr; }

 protected:
  void rethrowFailure() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  kj::Promise<void> resumption_[2] = {nullptr, nullptr};
  kj::Own<kj::PromiseFulfiller<void>> waiter_;
  std::exception_ptr failure_;
  bool turn_ = false;
  bool finished_ = false;
};

// Waits for a kj::Promise and holds what it brought.
template <typename T>
class PromiseAwaiter {
 public:
  PromiseAwaiter(Frame& frame, kj::Promise<T>&& promise) : frame_(frame), promise_(kj::mv(promise)) {}
  PromiseAwaiter(PromiseAwaiter&&) = delete;
  // A coroutine that is destroyed while it waits gives up the wait before its own variables go.
  ~PromiseAwaiter() noexcept(false) {
    if (waiting_) frame_.forgetResumption();
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    waiting_ = true;
    auto fail = [this](kj::Exception&& exception) { exception_.emplace(kj::mv(exception)); };
    if constexpr (std::is_void_v<T>) {
      frame_.resumeAfter(promise_.then([this]() { value_.emplace(); }, kj::mv(fail)), coroutine);
    } else {
      frame_.resumeAfter(promise_.then([this](T&& value) { value_.emplace(kj::mv(value)); }, kj::mv(fail)), coroutine);
    }
  }
  T await_resume() {
    waiting_ = false;
    if (exception_) kj::throwFatalException(kj::mv(*exception_));
    if constexpr (!std::is_void_v<T>) return kj::mv(*value_);
  }

 private:
  Frame& frame_;
  kj::Promise<T> promise_;
  std::optional<typename Stored<T>::Type> value_;
  std::optional<kj::Exception> exception_;
  bool waiting_ = false;
};

template <typename T>
class TaskAwaiter;

template <typename T>
class FrameOf;

// The part of a frame that turns what follows `co_await` into something that waits.
class AwaitingFrame : public Frame {
 public:
  template <typename U>
  PromiseAwaiter<U> await_transform(kj::Promise<U>&& promise) {
    return {*this, kj::mv(promise)};
  }
  template <typename U>
  PromiseAwaiter<U> await_transform(kj::Promise<U>& promise) {
    return {*this, kj::mv(promise)};
  }
  template <typename U>
  TaskAwaiter<U> await_transform(Task<U>&& task) {
    return {*this, kj::mv(task)};
  }
  template <typename U>
  TaskAwaiter<U> await_transform(Task<U>& task) {
    return {*this, kj::mv(task)};
  }
};

template <typename T>
class FrameOf : public AwaitingFrame {
 public:
  Task<T> get_return_object();
  template <typename U = T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrowFailure();
    return kj::mv(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class FrameOf<void> : public AwaitingFrame {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void take() { rethrowFailure(); }
};

}  // namespace task_detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::FrameOf<T>;

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&& other) {
    Task old(kj::mv(*this));
    coroutine_ = std::exchange(other.coroutine_, nullptr);
    return *this;
  }
  ~Task() noexcept(false) {
    if (coroutine_) coroutine_.destroy();
  }

  // True when the body has ended: take() then gives its value, or throws what it threw, without waiting.
  bool finished() const { return frame().finished(); }
  T take() { return frame().take(); }

  operator kj::Promise<T>() && {
    if (finished()) {
      return kj::evalNow([this]() -> kj::Promise<T> {
        if constexpr (std::is_void_v<T>) {
          take();
          return kj::READY_NOW;
        } else {
          return take();
        }
      });
    }
    auto end = frame().whenFinished();
    return end.then([task = kj::mv(*this)]() mutable { return task.take(); });
  }

  // For the places that want the promise by name.
  kj::Promise<T> promise() && { return kj::mv(*this); }

 private:
  friend promise_type;
  friend class task_detail::TaskAwaiter<T>;
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  promise_type& frame() const { return coroutine_.promise(); }

  std::coroutine_handle<promise_type> coroutine_;
};

namespace task_detail {

// Waits for a Task; one that has already ended costs no turn of the event loop.
template <typename T>
class TaskAwaiter {
 public:
  TaskAwaiter(Frame& frame, Task<T>&& task) : frame_(frame), task_(kj::mv(task)) {}
  TaskAwaiter(TaskAwaiter&&) = delete;
  ~TaskAwaiter() noexcept(false) {
    if (waiting_) frame_.forgetResumption();
  }

  bool await_ready() const { return task_.finished(); }
  void await_suspend(std::coroutine_handle<> coroutine) {
    waiting_ = true;
    frame_.resumeAfter(task_.frame().whenFinished(), coroutine);
  }
  T await_resume() {
    waiting_ = false;
    return task_.take();
  }

 private:
  Frame& frame_;
  Task<T> task_;
  bool waiting_ = false;
};

template <typename T>
Task<T> FrameOf<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<FrameOf<T>>::from_promise(*this));
}
inline Task<void> FrameOf<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<FrameOf<void>>::from_promise(*this));
}

}  // namespace task_detail
}  // namespace cbs
