// The future of a call, from its other side.
#pragma once

#include "common/client/reply.h"
#include "common/error.h"

#include <cbsession/types.h>

#include <exception>
#include <future>
#include <memory>

namespace cbs::client {

// What is dropped without an answer fails: nobody waits for ever.
template <typename T>
class Answer {
 public:
  Answer() : promise_(std::make_unique<std::promise<T>>()) {}
  Answer(Answer&&) noexcept = default;
  ~Answer() {
    if (promise_) fail({ErrorKind::CANCELLED, Reason::CALLER_GONE, "the client was destroyed"});
  }

  // To be asked for once.
  std::future<T> future() { return promise_->get_future(); }

  // One of these, once.
  void give(T value) { std::exchange(promise_, nullptr)->set_value(std::move(value)); }
  void fail(const Error& error) { fail(std::make_exception_ptr(cbsession::Error(failureOf(error)))); }
  void fail(std::exception_ptr thrown) { std::exchange(promise_, nullptr)->set_exception(std::move(thrown)); }

 private:
  std::unique_ptr<std::promise<T>> promise_;
};

}  // namespace cbs::client
