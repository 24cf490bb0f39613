#include "agentd/transfer/crew.h"

#include <utility>

namespace cbs::transfer {

void Crew::start(Task<Expected<void>> task) {
  ++underWay_;
  tasks_.add(kj::mv(task).promise().then([this](Expected<void>&& result) {
    --underWay_;
    if (!result && !error_) error_ = std::move(result.error());
    changed_.ring();
  }));
}

Task<Expected<void>> Crew::fewerThan(unsigned count) {
  for (;;) {
    if (exception_) kj::throwFatalException(kj::cp(*exception_));
    if (error_) co_return fail(*error_);
    if (underWay_ < count) co_return {};
    co_await changed_.rung();
  }
}

void Crew::taskFailed(kj::Exception&& exception) {
  if (!exception_) exception_.emplace(kj::mv(exception));
  changed_.ring();
}

}  // namespace cbs::transfer
