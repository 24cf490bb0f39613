#include "agentd/rpc/errand.h"

namespace cbs::rpc {
namespace {

// What a failed promise says, as an error. It resolves to nothing when the promise has not failed.
kj::Promise<kj::Maybe<Error>> faultOf(kj::Promise<void> promise) {
  return promise.then([]() -> kj::Maybe<Error> { return nullptr; },
                      [](kj::Exception&& exception) -> kj::Maybe<Error> {
                        return Error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
                      });
}

}  // namespace

Task<void> runErrand(Services& services, Applicant applicant, Errand& errand) {
  WorkLog::Entry entry(services.work);
  Activity::Entry active(applicant.caller.activity);
  auto admission = co_await admit(services, kj::mv(applicant));
  if (!admission) co_return co_await endErrand(services, kj::mv(admission.error()), errand);
  auto fault = co_await faultOf(errand.handOver(*admission));
  KJ_IF_MAYBE (error, fault) {
    co_await endErrand(services, kj::mv(*error), errand);
  }
}

Task<void> endErrand(Services& services, Error why, Errand& errand) {
  WorkLog::Entry entry(services.work);
  co_await faultOf(errand.end(why));  // a caller who has gone need not be told
}

}  // namespace cbs::rpc
