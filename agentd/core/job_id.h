// The ids of jobs: sixteen characters that sort by the time of submission.
//
// Crockford's base32 in lower case: ten characters are the time of day in milliseconds (48 bits, so the first is at
// most `7`), six are random (30 bits).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cbs::core {

constexpr size_t kJobIdLength = 16;

// Whether a text has the form of an id, which no job may have as its name.
bool looksLikeJobId(std::string_view text);

// Makes ids, each greater than all before it: those of one millisecond, or after the clock was set back, count up.
class JobIds {
 public:
  // Ids will be greater than this one, too. Ignored unless it looks like an id.
  void follow(std::string_view id);

  // `nowMs` is the time of day; one that 48 bits cannot hold is not believed. Only the lower 30 bits of `random` count.
  std::string next(uint64_t nowMs, uint64_t random);

 private:
  uint64_t timeMs_ = 0;
  uint64_t random_ = 0;  // of the last id
};

}  // namespace cbs::core
