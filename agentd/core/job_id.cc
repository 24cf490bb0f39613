#include "agentd/core/job_id.h"

#include <tuple>
#include <utility>

namespace cbs::core {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";  // without i, l, o and u
constexpr size_t kTimeLength = 10;
constexpr uint64_t kLastTime = (uint64_t{1} << 48) - 1;  // in the year 10889
constexpr uint64_t kLastRandom = (uint64_t{1} << 30) - 1;

std::string digits(uint64_t value, size_t length) {
  std::string text(length, '0');
  for (size_t i = length; i-- > 0; value >>= 5) text[i] = kDigits[value & 31];
  return text;
}

uint64_t valueOf(std::string_view text) {
  uint64_t value = 0;
  for (char digit : text) value = value << 5 | kDigits.find(digit);
  return value;
}

}  // namespace

bool looksLikeJobId(std::string_view text) {
  return text.size() == kJobIdLength && text.find_first_not_of(kDigits) == std::string_view::npos && text[0] <= '7';
}

void JobIds::follow(std::string_view id) {
  if (!looksLikeJobId(id)) return;
  auto last = std::pair(valueOf(id.substr(0, kTimeLength)), valueOf(id.substr(kTimeLength)));
  if (last > std::pair(timeMs_, random_)) std::tie(timeMs_, random_) = last;
}

std::string JobIds::next(uint64_t nowMs, uint64_t random) {
  if (nowMs > timeMs_ && nowMs <= kLastTime) {
    timeMs_ = nowMs;
    random_ = random & kLastRandom;
  } else if (random_ < kLastRandom) {
    ++random_;
  } else {
    ++timeMs_;
    random_ = 0;
  }
  return digits(timeMs_, kTimeLength) + digits(random_, kJobIdLength - kTimeLength);
}

}  // namespace cbs::core
