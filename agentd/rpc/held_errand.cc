#include "agentd/rpc/held_errand.h"

namespace cbs::rpc {

void HeldErrand::leaveTrail(Trail::Subject subject) {
  subject.id = services_.work.newId();
  trail_ = std::make_shared<Trail>(services_.audit, kj::mv(subject));
}

void HeldErrand::begin(Applicant applicant) {
  errand_ = runErrand(services_, kj::mv(applicant), *this).promise().eagerlyEvaluate(nullptr);
}

kj::Promise<void> HeldErrand::end(const Error& why) {
  if (phase_ == Phase::ENDED) return kj::READY_NOW;
  phase_ = Phase::ENDED;
  return tellEnd(why);
}

kj::Promise<void> HeldErrand::cancel(CancelContext) {
  if (phase_ == Phase::WITH_ENGINE) {
    // One that the engine has refused, or that has just ended there, needs no cancelling.
    return engines_.cancelRequest().send().ignoreResult().catch_([](kj::Exception&&) {});
  }
  if (phase_ == Phase::WAITING) {
    Error why{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""};
    errand_ = endErrand(services_, kj::mv(why), *this).promise().eagerlyEvaluate(nullptr);
  }
  return kj::READY_NOW;
}

}  // namespace cbs::rpc
