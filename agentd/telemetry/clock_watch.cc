#include "agentd/telemetry/clock_watch.h"

#include <time.h>

#include <cstdlib>
#include <utility>

namespace cbs::telemetry {
namespace {

constexpr int64_t kJumpMs = 2000;

uint64_t millisecondsOf(clockid_t clock) {
  timespec time = {};
  if (clock_gettime(clock, &time) != 0 || time.tv_sec < 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1000 + static_cast<uint64_t>(time.tv_nsec) / 1'000'000;
}

}  // namespace

Moment readClocks() {
  return {.timeOfDayMs = millisecondsOf(CLOCK_REALTIME), .bootMs = millisecondsOf(CLOCK_BOOTTIME)};
}

std::optional<ClockJump> ClockWatch::look(Moment now) {
  auto offset = static_cast<int64_t>(now.timeOfDayMs) - static_cast<int64_t>(now.bootMs);
  auto before = std::exchange(offsetMs_, offset);
  if (!before || std::abs(offset - *before) <= kJumpMs) return std::nullopt;
  return ClockJump{.byMs = offset - *before, .bootMs = now.bootMs};
}

}  // namespace cbs::telemetry
