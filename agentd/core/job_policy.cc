#include "agentd/core/job_policy.h"

#include <charconv>

namespace cbs::core {
namespace {

constexpr BackoffLimits kPauses = {.first = 1 * kj::SECONDS, .longest = 5 * kj::MINUTES};
constexpr uint64_t kLongestBreakerMs = 24 * 3'600'000;

// The daemon ended before the command did.
bool wasStopped(const Error& error) {
  return error.reason == Reason::DAEMON_STOPPING || error.reason == Reason::DRAINING;
}

// Another attempt may find the world changed.
bool mayPass(const AttemptEnd& end) {
  if (end.sent == AttemptEnd::Sent::UNKNOWN) return end.error.kind == ErrorKind::LOST;
  auto kind = end.error.kind;
  return kind == ErrorKind::UNREACHABLE || kind == ErrorKind::OVERLOADED || kind == ErrorKind::LOST ||
         kind == ErrorKind::TIMED_OUT;
}

uint64_t milliseconds(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, kLongestBreakerMs);
}

}  // namespace

JobFate fateAfter(const AttemptEnd& end, const AttemptTerms& terms) {
  bool maySendAgain = end.sent == AttemptEnd::Sent::NO || terms.idempotent;
  if (!maySendAgain) return JobFate::END;
  if (wasStopped(end.error)) return JobFate::PUT_BACK;
  if (end.sent == AttemptEnd::Sent::YES || !mayPass(end)) return JobFate::END;
  bool reachedNobody = end.error.reason == Reason::BREAKER_OPEN && terms.retries > 0;
  return reachedNobody || terms.attempts <= terms.retries ? JobFate::TRY_AGAIN : JobFate::END;
}

JobFate fateAfterCrash(const AttemptTerms& terms) {
  return terms.idempotent && terms.attempts < kMostRevivals + terms.retries ? JobFate::PUT_BACK : JobFate::END;
}

kj::Duration pauseBefore(uint32_t attempts, const Error& error, uint64_t random) {
  auto pause = backoff(kPauses, attempts > 0 ? attempts - 1 : 0, random);
  auto breaker = static_cast<int64_t>(milliseconds(error.fact("retryAfterMs"))) * kj::MILLISECONDS;
  return breaker + pause;
}

}  // namespace cbs::core
