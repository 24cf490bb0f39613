// Whether somebody has set the time of day.
#pragma once

#include <cstdint>
#include <optional>

namespace cbs::telemetry {

// What the clocks say, in milliseconds.
struct Moment {
  uint64_t timeOfDayMs = 0;  // since 1970
  uint64_t bootMs = 0;       // since the machine's start, suspended or not; never set by anybody
};

Moment readClocks();

struct ClockJump {
  int64_t byMs = 0;     // forward if positive
  uint64_t bootMs = 0;  // when it was seen
};

// Compares the time of day with the boot clock. A clock that is slewed does not jump.
class ClockWatch {
 public:
  // A jump of more than two seconds since the look before.
  std::optional<ClockJump> look(Moment now);

 private:
  std::optional<int64_t> offsetMs_;
};

}  // namespace cbs::telemetry
