#include "cli/transfer/local_finish.h"

namespace cbs::cli {
namespace {

constexpr size_t kMostSteps = 1000;
constexpr std::chrono::milliseconds kMostTime{200};

}  // namespace

LocalFinish::Part LocalFinish::next(const LocalPlace& place, const WriteRules* rules) {
  Portion portion(kMostSteps, kMostTime);
  Part part;
  if (extras_) extras_->deleteSome(portion, part);
  bool deleted = !extras_ || extras_->done();
  part.done = deleted && (rules == nullptr || folders_.finishSome(place, *rules, portion, part.errors));
  return part;
}

}  // namespace cbs::cli
