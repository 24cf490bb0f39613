#include "agentd/core/job_policy.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

using Sent = AttemptEnd::Sent;

AttemptEnd ended(Sent sent, ErrorKind kind, Reason reason = Reason::UNSPECIFIED) {
  return {.sent = sent, .error = {kind, reason, ""}};
}

constexpr AttemptTerms kOnce{.retries = 0};
constexpr AttemptTerms kOften{.retries = 3};
constexpr AttemptTerms kIdempotent{.idempotent = true, .retries = 3};

TEST_CASE("a command whose status is known is at its end, whatever it allows") {
  for (auto terms : {kOnce, kOften, kIdempotent}) {
    CHECK(fateAfter(ended(Sent::YES, ErrorKind::NONE), terms) == JobFate::END);
    CHECK(fateAfter(ended(Sent::YES, ErrorKind::TIMED_OUT), terms) == JobFate::END);
  }
}

TEST_CASE("what was certainly not sent is tried again, as often as it may be, if the reason can pass") {
  for (auto kind : {ErrorKind::UNREACHABLE, ErrorKind::OVERLOADED, ErrorKind::LOST, ErrorKind::TIMED_OUT}) {
    CHECK(fateAfter(ended(Sent::NO, kind), kOften) == JobFate::TRY_AGAIN);
    CHECK(fateAfter(ended(Sent::NO, kind), {.retries = 3, .attempts = 4}) == JobFate::END);
    CHECK(fateAfter(ended(Sent::NO, kind), kOnce) == JobFate::END);
  }
  for (auto kind : {ErrorKind::AUTH_REFUSED, ErrorKind::HOST_KEY_REFUSED, ErrorKind::USAGE, ErrorKind::CANCELLED}) {
    CHECK(fateAfter(ended(Sent::NO, kind), kOften) == JobFate::END);
  }
}

TEST_CASE("what may have been sent is tried again only if it is idempotent") {
  auto lost = ended(Sent::UNKNOWN, ErrorKind::LOST);
  CHECK(fateAfter(lost, kOften) == JobFate::END);
  CHECK(fateAfter(lost, kIdempotent) == JobFate::TRY_AGAIN);
  CHECK(fateAfter(ended(Sent::UNKNOWN, ErrorKind::CANCELLED), kIdempotent) == JobFate::END);
}

TEST_CASE("an attempt that the breaker refused is not one of those that are allowed") {
  auto refused = ended(Sent::NO, ErrorKind::UNREACHABLE, Reason::BREAKER_OPEN);
  CHECK(fateAfter(refused, {.retries = 1, .attempts = 9}) == JobFate::TRY_AGAIN);
  CHECK(fateAfter(refused, kOnce) == JobFate::END);
}

TEST_CASE("what a daemon that ends has stopped waits for the next, if it was not sent or is idempotent") {
  for (auto reason : {Reason::DAEMON_STOPPING, Reason::DRAINING}) {
    CHECK(fateAfter(ended(Sent::NO, ErrorKind::CANCELLED, reason), kOnce) == JobFate::PUT_BACK);
    CHECK(fateAfter(ended(Sent::YES, ErrorKind::CANCELLED, reason), kOnce) == JobFate::END);
    CHECK(fateAfter(ended(Sent::YES, ErrorKind::CANCELLED, reason), kIdempotent) == JobFate::PUT_BACK);
  }
}

TEST_CASE("after a crash what may run again does, though not for ever") {
  CHECK(fateAfterCrash(kOften) == JobFate::END);
  CHECK(fateAfterCrash(kIdempotent) == JobFate::PUT_BACK);
  CHECK(fateAfterCrash({.idempotent = true, .attempts = kMostRevivals}) == JobFate::END);
}

TEST_CASE("pauses grow up to five minutes, and a breaker that says when is not asked before") {
  Error none{ErrorKind::UNREACHABLE, Reason::UNSPECIFIED, ""};
  for (uint32_t attempts = 0; attempts < 40; ++attempts) CHECK(pauseBefore(attempts, none, ~0ull) <= 5 * kj::MINUTES);
  auto open = Error(none).with("retryAfterMs", "30000");
  CHECK(pauseBefore(1, open, 0) == 30 * kj::SECONDS);
  CHECK(pauseBefore(1, Error(none).with("retryAfterMs", "99999999999999999999"), 0) <= 25 * kj::HOURS);
  CHECK(pauseBefore(1, Error(none).with("retryAfterMs", "nonsense"), 0) == 0 * kj::SECONDS);
}

}  // namespace
}  // namespace cbs::core
